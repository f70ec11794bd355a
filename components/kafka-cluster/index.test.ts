import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { faultsOf } from "../mocks/faults";
import { type Recorded, named, record } from "../mocks/recorder";
import { KafkaCluster, type KafkaClusterArgs, type ProvisionedKafkaClusterArgs } from ".";

const subnetIds = ["subnet-1", "subnet-2", "subnet-3"];
const provisioned: ProvisionedKafkaClusterArgs = {
  mode: "provisioned",
  accountId: "000000000000",
  region: "us-east-1",
  vpcId: "vpc-1",
  subnetIds,
};
const existingArn =
  "arn:aws:kafka:eu-west-1:000000000000:cluster/shared/5dd30ac4-04ac-4f93-a1b3-4d4b8d6d1b0a-7";
const existing: KafkaClusterArgs = {
  mode: "existing",
  vpcId: "vpc-1",
  clusterArn: existingArn,
  securityGroupId: "sg-0123456789abcdef0",
};

async function declare(args: KafkaClusterArgs, preview = false) {
  let plain: Pick<KafkaCluster, "replicationFactor" | "minInSyncReplicas"> | undefined;
  const { resources, outputs } = await record(
    () => {
      const cluster = new KafkaCluster("kafka", args);
      plain = cluster;
      return {
        arn: cluster.arn,
        bootstrapBrokers: cluster.bootstrapBrokers,
        clientSecurityGroupId: cluster.clientSecurityGroupId,
        topicArn: cluster.topicArn("0ea7b76ff169.pin"),
        groupArn: cluster.groupArn(pulumi.output("connect-*")),
      };
    },
    { preview },
  );
  return {
    resources,
    outputs,
    replication: [plain?.replicationFactor, plain?.minInSyncReplicas],
  };
}

/** What was made, as `type name`, without the component and in alphabetical order. */
function made(resources: readonly Recorded[]): string[] {
  return resources
    .filter(({ custom }) => custom)
    .map(({ type, name }) => `${type.split(":").at(-1) ?? ""} ${name}`)
    .sort();
}

function configurationOf(resources: readonly Recorded[]): Recorded {
  const [configuration, ...others] = resources.filter(
    ({ type }) => type === "aws:msk/configuration:Configuration",
  );
  assert.ok(configuration && others.length === 0, "one configuration");
  return configuration;
}

async function configurationFor(args: Partial<ProvisionedKafkaClusterArgs>) {
  return configurationOf((await declare({ ...provisioned, ...args })).resources);
}

function refusal(args: Partial<ProvisionedKafkaClusterArgs>) {
  return faultsOf(() => new KafkaCluster("kafka", { ...provisioned, ...args }));
}

describe("KafkaCluster", () => {
  for (const preview of [false, true]) {
    describe(`provisioned (preview ${preview})`, () => {
      let resources: readonly Recorded[];

      before(async () => {
        ({ resources } = await declare(
          { ...provisioned, tags: { project: "pinterest" } },
          preview,
        ));
      });

      it("makes exactly these resources, all its own children and tagged", () => {
        assert.deepEqual(made(resources), [
          "Cluster kafka-cluster",
          `Configuration ${configurationOf(resources).name}`,
          "Key kafka-key",
          "LogGroup kafka-broker-log",
          "Policy kafka-storage-growth",
          "SecurityGroup kafka-client-security-group",
          "SecurityGroup kafka-security-group",
          "SecurityGroupEgressRule kafka-client-egress",
          "SecurityGroupIngressRule kafka-client-ingress",
          "Target kafka-storage",
        ]);
        const component = named(resources, "kafka");
        assert.equal(component.type, "pinterest:kafka:KafkaCluster");
        for (const { name, type, custom, parent, inputs } of resources) {
          if (!custom) continue;
          assert.equal(parent, component.urn, name);
          if (/:(Policy|Configuration)$/.test(type)) continue;
          assert.equal((inputs.tags as Record<string, string>).project, "pinterest", name);
        }
      });

      it("lets clients in by IAM over TLS and by nothing else", () => {
        const { inputs } = named(resources, "kafka-cluster");
        assert.deepEqual(inputs.clientAuthentication, {
          sasl: { iam: true, scram: false },
          unauthenticated: false,
        });
        const { encryptionInTransit } = inputs.encryptionInfo as Record<string, unknown>;
        assert.deepEqual(encryptionInTransit, { clientBroker: "TLS", inCluster: true });
      });

      it("has three private brokers of today's Kafka with storage to grow", () => {
        const { inputs, ignoreChanges } = named(resources, "kafka-cluster");
        assert.equal(inputs.kafkaVersion, "3.9.x.kraft");
        assert.equal(inputs.numberOfBrokerNodes, 3);
        assert.equal(inputs.enhancedMonitoring, "PER_BROKER");
        const brokers = inputs.brokerNodeGroupInfo as Record<string, unknown>;
        assert.equal(brokers.instanceType, "kafka.m7g.large");
        assert.deepEqual(brokers.clientSubnets, subnetIds);
        assert.deepEqual(brokers.connectivityInfo, { publicAccess: { type: "DISABLED" } });
        assert.deepEqual(brokers.storageInfo, { ebsStorageInfo: { volumeSize: 100 } });
        assert.deepEqual(ignoreChanges, [
          "brokerNodeGroupInfo.storageInfo.ebsStorageInfo.volumeSize",
        ]);
      });

      it("is protected, and waited for no longer than it takes", () => {
        const { protect, customTimeouts } = named(resources, "kafka-cluster");
        assert.equal(protect, true);
        assert.deepEqual(customTimeouts, { create: "90m", update: "4h", delete: "60m" });
      });

      it("keeps three copies and makes no topic by itself", () => {
        assert.equal(
          configurationOf(resources).inputs.serverProperties,
          "auto.create.topics.enable=false\n" +
            "default.replication.factor=3\n" +
            "min.insync.replicas=2\n" +
            "unclean.leader.election.enable=false\n",
        );
        assert.deepEqual(configurationOf(resources).inputs.kafkaVersions, ["3.9.x.kraft"]);
      });
    });

    it(`is serverless where asked to be (preview ${preview})`, async () => {
      const { resources, replication } = await declare(
        { mode: "serverless", vpcId: "vpc-1", subnetIds, tags: { project: "pinterest" } },
        preview,
      );
      assert.deepEqual(made(resources), [
        "SecurityGroup kafka-client-security-group",
        "SecurityGroup kafka-security-group",
        "SecurityGroupEgressRule kafka-client-egress",
        "SecurityGroupIngressRule kafka-client-ingress",
        "ServerlessCluster kafka-cluster",
      ]);
      const { inputs, protect, customTimeouts } = named(resources, "kafka-cluster");
      assert.deepEqual(inputs.clientAuthentication, { sasl: { iam: { enabled: true } } });
      assert.deepEqual(inputs.tags, { project: "pinterest" });
      const [vpcConfig, ...others] = inputs.vpcConfigs as Record<string, unknown>[];
      assert.deepEqual(others, []);
      assert.deepEqual(vpcConfig?.subnetIds, subnetIds);
      assert.equal(protect, true);
      assert.equal(customTimeouts.create, "90m");
      assert.deepEqual(replication, [3, 2]);
    });

    it(`makes a client group only for a cluster that exists (preview ${preview})`, async () => {
      const { resources, outputs, replication } = await declare(existing, preview);
      assert.deepEqual(made(resources), [
        "SecurityGroup kafka-client-security-group",
        "SecurityGroupEgressRule kafka-client-egress",
        "SecurityGroupIngressRule kafka-client-ingress",
      ]);
      const { inputs } = named(resources, "kafka-client-ingress");
      assert.equal(inputs.securityGroupId, "sg-0123456789abcdef0");
      assert.deepEqual([inputs.fromPort, inputs.toPort], [9098, 9098]);
      assert.deepEqual(replication, [3, 2]);
      if (preview) return;
      assert.equal(outputs.arn, existingArn);
      assert.match(outputs.bootstrapBrokers, /^(b-\d\.existing\.[^,]+:9098,?){3}$/);
      assert.equal(
        outputs.topicArn,
        "arn:aws:kafka:eu-west-1:000000000000:topic/shared/5dd30ac4-04ac-4f93-a1b3-4d4b8d6d1b0a-7/0ea7b76ff169.pin",
      );
    });
  }

  it("puts cluster, log and configuration together", async () => {
    const { resources } = await declare({ ...provisioned, logRetentionDays: 7 });
    const { inputs, dependencies } = named(resources, "kafka-cluster");
    const encryption = inputs.encryptionInfo as Record<string, unknown>;
    assert.match(
      encryption.encryptionAtRestKmsKeyArn as string,
      /^arn:aws:kms:us-east-1:000000000000:key\/[0-9a-f-]{36}$/,
    );
    const log = named(resources, "kafka-broker-log").inputs;
    assert.equal(log.kmsKeyId, encryption.encryptionAtRestKmsKeyArn);
    assert.equal(log.retentionInDays, 7);
    const { brokerLogs } = inputs.loggingInfo as {
      brokerLogs: { cloudwatchLogs: { enabled: boolean; logGroup: string } };
    };
    assert.equal(brokerLogs.cloudwatchLogs.enabled, true);
    assert.match(brokerLogs.cloudwatchLogs.logGroup, /^kafka-broker-log-[0-9a-f]{7}$/);
    const configuration = configurationOf(resources);
    assert.ok(dependencies.includes(configuration.urn));
    const { arn, revision } = inputs.configurationInfo as { arn: string; revision: number };
    assert.ok(arn.includes(`:configuration/${configuration.name}-`), arn);
    assert.equal(revision, 1);
  });

  it("lets its key be used for its own log only, and by no wildcard", async () => {
    const { resources } = await declare(provisioned);
    const { inputs } = named(resources, "kafka-key");
    assert.equal(inputs.enableKeyRotation, true);
    const { Statement } = JSON.parse(inputs.policy as string) as {
      Statement: { Action: string[]; Principal: unknown; Condition?: unknown }[];
    };
    assert.deepEqual(
      Statement.map(({ Principal, Condition }) => [Principal, Condition]),
      [
        [{ AWS: "arn:aws:iam::000000000000:root" }, undefined],
        [
          { Service: "logs.us-east-1.amazonaws.com" },
          {
            ArnLike: {
              "kms:EncryptionContext:aws:logs:arn":
                "arn:aws:logs:us-east-1:000000000000:log-group:kafka-broker-log*",
            },
          },
        ],
      ],
    );
    for (const action of Statement.flatMap(({ Action }) => Action))
      assert.match(action, /^kms:[A-Za-z]+$/);
  });

  for (const args of [
    provisioned,
    { mode: "serverless", vpcId: "vpc-1", subnetIds },
  ] satisfies KafkaClusterArgs[]) {
    it(`lets in what carries the client group and nothing else (${args.mode})`, async () => {
      const { resources, outputs } = await declare(args);
      const ingress = named(resources, "kafka-client-ingress").inputs;
      const egress = named(resources, "kafka-client-egress").inputs;
      const { inputs } = named(resources, "kafka-cluster");
      const groups =
        args.mode === "provisioned"
          ? (inputs.brokerNodeGroupInfo as Record<string, unknown>).securityGroups
          : (inputs.vpcConfigs as Record<string, unknown>[])[0]?.securityGroupIds;
      assert.deepEqual(groups, [ingress.securityGroupId]);
      assert.equal(ingress.referencedSecurityGroupId, outputs.clientSecurityGroupId);
      assert.equal(egress.securityGroupId, outputs.clientSecurityGroupId);
      assert.equal(egress.referencedSecurityGroupId, ingress.securityGroupId);
      for (const rule of [ingress, egress]) {
        assert.deepEqual(
          [rule.ipProtocol, rule.fromPort, rule.toPort, rule.cidrIpv4, rule.cidrIpv6],
          ["tcp", 9098, 9098, undefined, undefined],
        );
      }
      for (const name of ["kafka-security-group", "kafka-client-security-group"]) {
        const group = named(resources, name).inputs;
        assert.deepEqual([group.ingress, group.egress], [undefined, undefined]);
      }
    });
  }

  it("lets storage grow and never shrink", async () => {
    const { resources, outputs } = await declare({ ...provisioned, maxVolumeSizeGiB: 500 });
    const target = {
      serviceNamespace: "kafka",
      scalableDimension: "kafka:broker-storage:VolumeSize",
      resourceId: outputs.arn,
    };
    assert.deepEqual(named(resources, "kafka-storage").inputs, {
      ...target,
      minCapacity: 1,
      maxCapacity: 500,
    });
    assert.deepEqual(named(resources, "kafka-storage-growth").inputs, {
      ...target,
      policyType: "TargetTrackingScaling",
      targetTrackingScalingPolicyConfiguration: {
        predefinedMetricSpecification: { predefinedMetricType: "KafkaBrokerStorageUtilization" },
        targetValue: 60,
        disableScaleIn: true,
      },
    });
  });

  it("names the configuration by its content, so that a change makes a new one first", async () => {
    const [three, again, two, other] = [
      await configurationFor({}),
      await configurationFor({ brokerInstanceType: "kafka.m7g.xlarge", volumeSizeGiB: 200 }),
      await configurationFor({ brokerCount: 2, subnetIds: ["subnet-1", "subnet-2"] }),
      await configurationFor({ kafkaVersion: "4.1.x" }),
    ];
    assert.match(three.name, /^kafka-configuration-[0-9a-f]{8}$/);
    assert.equal(again.name, three.name);
    assert.equal(new Set([three.name, two.name, other.name]).size, 3);
    assert.equal(three.deleteBeforeReplace, undefined);
    assert.deepEqual(other.inputs.kafkaVersions, ["4.1.x.kraft"]);
  });

  for (const [brokerCount, zones, factor, least] of [
    [2, 2, 2, 1],
    [3, 3, 3, 2],
    [4, 2, 3, 2],
    [6, 3, 3, 2],
  ] as const) {
    it(`keeps ${factor} copies, ${least} of them at once, with ${brokerCount} brokers`, async () => {
      const { resources, replication } = await declare({
        ...provisioned,
        brokerCount,
        subnetIds: subnetIds.slice(0, zones),
      });
      assert.deepEqual(replication, [factor, least]);
      assert.equal(named(resources, "kafka-cluster").inputs.numberOfBrokerNodes, brokerCount);
      assert.match(
        configurationOf(resources).inputs.serverProperties as string,
        new RegExp(`^default.replication.factor=${factor}\nmin.insync.replicas=${least}$`, "m"),
      );
    });
  }

  it("knows the copies that an existing cluster can keep", async () => {
    const copies = async (brokerCount: number) =>
      (await declare({ ...existing, brokerCount })).replication;
    assert.deepEqual(await copies(1), [1, 1]);
    assert.deepEqual(await copies(2), [2, 1]);
  });

  it("gives out what clients and their policies need", async () => {
    const { outputs } = await declare(provisioned);
    const [, cluster = ""] =
      /^arn:aws:kafka:us-east-1:000000000000:cluster\/(kafka-cluster-[0-9a-f]{7}\/[0-9a-f-]{36}-7)$/.exec(
        outputs.arn,
      ) ?? [];
    const arn = (kind: string, name: string) =>
      `arn:aws:kafka:us-east-1:000000000000:${kind}/${cluster}/${name}`;
    assert.equal(outputs.topicArn, arn("topic", "0ea7b76ff169.pin"));
    assert.equal(outputs.groupArn, arn("group", "connect-*"));
    assert.equal(outputs.bootstrapBrokers.split(",").length, 3);
    for (const broker of outputs.bootstrapBrokers.split(","))
      assert.match(
        broker,
        /^b-[123]\.kafka-cluster-\w+\.\w{6}\.c7\.kafka\.us-east-1\.amazonaws\.com:9098$/,
      );
    assert.match(outputs.clientSecurityGroupId, /^sg-[0-9a-f]{17}$/);
  });

  it("gives out the serverless cluster's one address", async () => {
    const { outputs } = await declare({ mode: "serverless", vpcId: "vpc-1", subnetIds });
    assert.match(
      outputs.bootstrapBrokers,
      /^boot-[0-9a-f]{8}\.c1\.kafka-serverless\.us-east-1\.amazonaws\.com:9098$/,
    );
    assert.match(outputs.arn, /:cluster\/kafka-cluster-[0-9a-f]{7}\/[0-9a-f-]{36}-s1$/);
  });

  it("may be deleted where its records may go", async () => {
    for (const args of [
      { ...provisioned, forceDestroy: true },
      { mode: "serverless", vpcId: "vpc-1", subnetIds, forceDestroy: true },
    ] satisfies KafkaClusterArgs[]) {
      const { resources } = await declare(args);
      assert.equal(named(resources, "kafka-cluster").protect, false);
    }
  });

  it("names every fault of a provisioned cluster at once", async () => {
    assert.deepEqual(
      await refusal({
        kafkaVersion: "2.8.1",
        brokerCount: 4,
        brokerInstanceType: "express.m7g.large",
        volumeSizeGiB: 0,
        maxVolumeSizeGiB: 20_000,
      }),
      [
        [
          "kafkaVersion",
          "must be one of 3.8.x, 3.9.x, 4.0.x, 4.1.x, which MSK makes new clusters of, not 2.8.1; 2.8.1 has ended there and can only be the client's version",
        ],
        [
          "brokerCount",
          "must be a multiple of the number of zones, 3, so that each has as many, not 4",
        ],
        [
          "brokerInstanceType",
          "must be a standard broker's, such as kafka.m7g.large, not express.m7g.large: others have no volumes to size",
        ],
        ["volumeSizeGiB", "must be 1 to 16384, not 0"],
        ["maxVolumeSizeGiB", "must be volumeSizeGiB, 0, to 16384, not 20000"],
      ],
    );
    assert.deepEqual(await refusal({ subnetIds: ["subnet-1"], brokerCount: 0 }), [
      ["subnetIds", "must name one subnet in each of two or three zones, not 1"],
    ]);
    assert.deepEqual(await refusal({ volumeSizeGiB: 2000 }), [
      ["maxVolumeSizeGiB", "must be volumeSizeGiB, 2000, to 16384, not 1000"],
    ]);
    assert.deepEqual(await refusal({ brokerCount: 0 }), [
      [
        "brokerCount",
        "must be a multiple of the number of zones, 3, so that each has as many, not 0",
      ],
    ]);
  });

  it("names every fault of the other kinds", async () => {
    assert.deepEqual(
      await faultsOf(
        () =>
          new KafkaCluster("kafka", { ...existing, clusterArn: "arn:aws:s3:::b", brokerCount: 0 }),
      ),
      [
        ["clusterArn", "must be the ARN of an MSK cluster, not arn:aws:s3:::b"],
        ["brokerCount", "must be at least 1, not 0"],
      ],
    );
    assert.deepEqual(
      await faultsOf(
        () =>
          new KafkaCluster("kafka", {
            mode: "serverless",
            vpcId: "vpc-1",
            subnetIds: ["subnet-1"],
          }),
      ),
      [["subnetIds", "must name subnets in at least two zones, not 1"]],
    );
  });
});
