import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { faultsOf } from "../mocks/faults";
import { type Json, type Recorded, type RecordOptions, named, record } from "../mocks/recorder";
import { KafkaClient, type KafkaClientArgs } from ".";

const inCluster = "posts/9b0c5d1e-1111-2222-3333-444455556666-7";
const clusterArn = `arn:aws:kafka:us-east-1:000000000000:cluster/${inCluster}`;
const brokers = "b-1.posts:9098,b-2.posts:9098";
const required: KafkaClientArgs = {
  vpcId: "vpc-1",
  publicSubnetIds: ["subnet-public-a", "subnet-public-b"],
  privateSubnetIds: ["subnet-private-a", "subnet-private-b"],
  sshCidrs: ["203.0.113.7/32"],
  clusterArn,
  bootstrapBrokers: brokers,
  clusterSecurityGroupId: "sg-cluster-clients",
  topics: [
    { name: "u1.pin", partitions: 3, config: { "min.insync.replicas": "2" } },
    { name: "u1.dead-letter", partitions: 1 },
  ],
  replicationFactor: 3,
};

function declare(args: Partial<KafkaClientArgs> = {}, options: RecordOptions = {}) {
  return record(() => {
    const client = new KafkaClient("kafka", { ...required, ...args });
    return {
      proxyUrl: client.proxyUrl,
      loadBalancerArn: client.loadBalancerArn,
      securityGroupId: client.securityGroupId,
      publicAddresses: client.publicAddresses,
      topicNames: client.topicNames,
      sshPrivateKey: client.sshPrivateKey,
    };
  }, options);
}

function policy(resource: Recorded, property = "policy"): { Statement: unknown } {
  return JSON.parse(resource.inputs[property] as string) as { Statement: unknown };
}

function text(resource: Recorded): string {
  return resource.inputs.create as string;
}

/** Names of the resources that one waits for. */
function waitsFor(resource: Recorded): string[] {
  return resource.dependencies.map((urn) => urn.split("::").at(-1) ?? "");
}

const ofOneHost = (number: number) => [
  `Command kafka-${number}-host`,
  `Command kafka-${number}-kafka`,
  `Command kafka-${number}-properties`,
  `Command kafka-${number}-rest-proxy`,
  `Eip kafka-${number}-address`,
  `EipAssociation kafka-${number}-association`,
  `Instance kafka-${number}`,
  `TargetGroupAttachment kafka-${number}-target`,
];

describe("KafkaClient", () => {
  for (const preview of [false, true])
    it(`makes exactly these resources, all its own children (preview ${preview})`, async () => {
      const { resources } = await declare({ instanceCount: 2 }, { preview });
      const made = resources.filter(({ custom }) => custom);
      assert.deepEqual(
        made.map(({ type, name }) => `${type.split(":").at(-1) ?? ""} ${name}`).sort(),
        [
          ...ofOneHost(1),
          ...ofOneHost(2),
          "Command kafka-topics",
          "InstanceProfile kafka-profile",
          "Listener kafka-listener",
          "LoadBalancer kafka-nlb",
          "Role kafka-access-role",
          "Role kafka-host-role",
          "RolePolicy kafka-access-policy",
          "RolePolicy kafka-host-policy",
          "Secret kafka-host-key-secret",
          "SecretVersion kafka-host-key-version",
          "SecurityGroup kafka-hosts",
          "SecurityGroup kafka-nlb-group",
          "SecurityGroupEgressRule kafka-https",
          "SecurityGroupEgressRule kafka-nlb-to-proxies",
          "SecurityGroupIngressRule kafka-proxy-from-nlb",
          "SecurityGroupIngressRule kafka-ssh-203.0.113.7-32",
          "Stash kafka-host-key",
          "Stash kafka-login-key",
          "TargetGroup kafka-rest",
        ].sort(),
      );
      const component = named(resources, "kafka");
      assert.equal(component.type, "pinterest:kafka:KafkaClient");
      for (const { name, parent } of made) assert.equal(parent, component.urn, name);
    });

  describe("hosts", () => {
    let resources: readonly Recorded[];
    let outputs: Awaited<ReturnType<typeof declare>>["outputs"];

    before(async () => {
      ({ resources, outputs } = await declare({ instanceCount: 3, tags: { project: "posts" } }));
    });

    it("stand in the public subnets in turn, with encrypted volumes and IMDSv2 only", () => {
      const instances = [1, 2, 3].map((number) => named(resources, `kafka-${number}`));
      assert.deepEqual(
        instances.map(({ inputs }) => inputs.subnetId),
        ["subnet-public-a", "subnet-public-b", "subnet-public-a"],
      );
      for (const { inputs, ignoreChanges, name } of instances) {
        assert.deepEqual(inputs.metadataOptions, {
          httpEndpoint: "enabled",
          httpTokens: "required",
          httpPutResponseHopLimit: 1,
        });
        assert.deepEqual(inputs.rootBlockDevice, {
          volumeType: "gp3",
          volumeSize: 20,
          encrypted: true,
          tags: { project: "posts" },
        });
        assert.equal(inputs.instanceType, "t3.small");
        assert.equal(inputs.ami, "ami-0a1b2c3d4e5f60718");
        assert.equal(inputs.userDataReplaceOnChange, true);
        assert.deepEqual(inputs.tags, { project: "posts", Name: name });
        // A newer image must not replace a running host.
        assert.deepEqual(ignoreChanges, ["ami"]);
        assert.deepEqual((inputs.vpcSecurityGroupIds as Json[])[1], "sg-cluster-clients");
      }
    });

    it("keep their addresses when they are replaced", () => {
      for (const number of [1, 2, 3])
        assert.equal(
          named(resources, `kafka-${number}-association`).inputs.allowReassociation,
          true,
        );
      assert.equal(new Set(outputs.publicAddresses).size, 3);
    });

    it("take their host key from the secret: no private key stands in the user data", () => {
      const { inputs } = named(resources, "kafka-1");
      const userData = inputs.userData as string;
      assert.match(userData, /^#cloud-config\n/);
      const settings = JSON.parse(userData.slice(userData.indexOf("\n"))) as {
        ssh_authorized_keys: string[];
        write_files: { path: string; permissions: string; content: string }[];
        runcmd: string[][];
      };
      assert.doesNotMatch(userData, /PRIVATE KEY/);
      assert.match(settings.ssh_authorized_keys[0] ?? "", /^ecdsa-sha2-nistp256 /);
      const [file] = settings.write_files;
      assert.ok(file);
      assert.deepEqual(settings.runcmd, [["bash", file.path]]);
      const secret = named(resources, "kafka-host-key-secret");
      assert.match(
        file.content,
        /^#!.*\nSECRET_ARN='arn:aws:secretsmanager:us-east-1:\d{12}:secret:/,
      );
      assert.match(file.content, /^REGION='us-east-1'$/m);
      const { hostKey } = named(resources, "kafka-1-host").inputs.connection as { hostKey: string };
      assert.ok(file.content.includes(`\nPUBLIC_KEY='${hostKey}'\n`));
      assert.equal(secret.inputs.recoveryWindowInDays, 7);
      const version = named(resources, "kafka-host-key-version");
      assert.deepEqual(version.secrets, [["secretString"]]);
      assert.match(version.inputs.secretString as string, /EC PRIVATE KEY/);
      assert.ok(waitsFor(named(resources, "kafka-1")).includes(version.name));
    });

    it("are worked on over pinned, secret connections, nothing undone and nothing replaced", () => {
      const commands = resources.filter(({ type }) => type === "command:remote:Command");
      assert.equal(commands.length, 13);
      for (const { name, inputs, secrets, deletedWith, customTimeouts } of commands) {
        const { hostKey, privateKey, user, dialErrorLimit } = inputs.connection as {
          hostKey?: string;
          privateKey?: string;
          user?: string;
          dialErrorLimit?: number;
        };
        assert.match(hostKey ?? "", /^ecdsa-sha2-nistp256 \S+$/, name);
        assert.notEqual(hostKey, outputs.sshPrivateKey);
        assert.equal(privateKey, outputs.sshPrivateKey, name);
        assert.equal(user, "ec2-user");
        assert.equal(dialErrorLimit, -1);
        assert.deepEqual(secrets, [["connection"]], name);
        assert.equal(inputs.create, inputs.update, name);
        assert.equal(inputs.delete, undefined);
        assert.equal(inputs.triggers, undefined);
        assert.equal(inputs.environment, undefined);
        assert.equal(inputs.addPreviousOutputInEnv, false);
        assert.equal(inputs.logging, "stderr");
        assert.match(deletedWith ?? "", /aws:ec2\/instance:Instance::kafka-\d$/, name);
        assert.ok(customTimeouts.create && customTimeouts.update, name);
      }
    });

    it("run scripts that the shell can read, with each parameter set", () => {
      for (const command of resources.filter(({ type }) => type === "command:remote:Command")) {
        const checked = spawnSync("bash", ["-n"], { input: text(command), encoding: "utf8" });
        assert.equal(checked.status, 0, `${command.name}: ${checked.stderr}`);
        const needed = [...text(command).matchAll(/"\$\{([A-Z0-9_]+):\?\}"/g)].map(
          ([, name]) => name,
        );
        for (const name of needed)
          assert.match(text(command), new RegExp(`^${name ?? ""}='[^']`, "m"), command.name);
      }
    });

    it("are set up one after the other, every command after the wait for its host", () => {
      for (const number of [1, 2, 3]) {
        const of = (suffix: string) => waitsFor(named(resources, `kafka-${number}-${suffix}`));
        assert.ok(of("host").includes(`kafka-${number}-association`));
        for (const suffix of ["kafka", "properties", "rest-proxy"])
          assert.ok(of(suffix).includes(`kafka-${number}-host`), suffix);
        assert.ok(of("rest-proxy").includes(`kafka-${number}-kafka`));
        assert.ok(of("target").includes(`kafka-${number}-rest-proxy`));
        if (number > 1) assert.ok(of("rest-proxy").includes(`kafka-${number - 1}-rest-proxy`));
      }
    });

    it("make the topics from the first of them, without waiting for its REST proxy", () => {
      const topics = waitsFor(named(resources, "kafka-topics"));
      for (const name of [
        "kafka-1-host",
        "kafka-1-kafka",
        "kafka-1-properties",
        "kafka-access-policy",
      ])
        assert.ok(topics.includes(name), name);
      assert.ok(!topics.includes("kafka-1-rest-proxy"));
      assert.ok(!waitsFor(named(resources, "kafka-1-rest-proxy")).includes("kafka-topics"));
      assert.deepEqual(outputs.topicNames, ["u1.pin", "u1.dead-letter"]);
    });
  });

  it("knows its topics only once they were made and verified", async () => {
    const { outputs } = await record(() => new KafkaClient("kafka", required).topicNames, {
      preview: true,
    });
    assert.equal(outputs, undefined);
  });

  it("tells the topics' script what is wanted", async () => {
    const { resources } = await declare();
    const id = /^# (i-[0-9a-f]{17})$/m.exec(text(named(resources, "kafka-topics")))?.[1];
    assert.ok(id);
    assert.ok(
      text(named(resources, "kafka-topics")).startsWith(
        `#!/usr/bin/env bash\n# ${id}\nBOOTSTRAP_SERVERS='${brokers}'\nREPLICATION_FACTOR='3'\n` +
          "TOPICS='u1.pin\t3\tmin.insync.replicas=2\nu1.dead-letter\t1'\n# Makes the wanted topics",
      ),
    );
  });

  it("writes client.properties as MSK's IAM sign-in takes it, for the role that Kafka lets in", async () => {
    const { resources } = await declare();
    const role = /role\/[^"]+/.exec(text(named(resources, "kafka-1-properties")))?.[0] ?? "";
    assert.match(role, /^role\/kafka-access-role-/);
    assert.ok(
      text(named(resources, "kafka-1-properties")).includes(
        [
          "PROPERTIES='security.protocol=SASL_SSL",
          "sasl.mechanism=AWS_MSK_IAM",
          `sasl.jaas.config=software.amazon.msk.auth.iam.IAMLoginModule required awsRoleArn="arn:aws:iam::000000000000:${role}";`,
          "sasl.client.callback.handler.class=software.amazon.msk.auth.iam.IAMClientCallbackHandler'",
        ].join("\n"),
      ),
    );
    const proxy = text(named(resources, "kafka-1-rest-proxy"));
    for (const line of [
      `bootstrap.servers=${brokers}`,
      "listeners=http://0.0.0.0:8082",
      "compression.enable=false",
      "client.security.protocol=SASL_SSL",
      "client.sasl.mechanism=AWS_MSK_IAM",
      "client.sasl.client.callback.handler.class=software.amazon.msk.auth.iam.IAMClientCallbackHandler'",
    ])
      assert.ok(proxy.includes(`${line}\n`), line);
  });

  it("starts the proxy anew for another sign-in library, which it loads only then", async () => {
    const proxyWith = async (iamAuthVersion: string) => {
      const { resources } = await declare({ iamAuthVersion });
      return text(named(resources, "kafka-1-rest-proxy"));
    };
    assert.notEqual(await proxyWith("2.3.5"), await proxyWith("2.3.9"));
    assert.equal(await proxyWith("2.3.9"), await proxyWith("2.3.9"));
  });

  it("installs supported versions by default, and the seed's where they are asked for", async () => {
    const { resources: usual } = await declare();
    assert.match(
      text(named(usual, "kafka-1-kafka")),
      /KAFKA_URL='https:\/\/archive\.apache\.org\/dist\/kafka\/3\.9\.1\/kafka_2\.13-3\.9\.1\.tgz'\nKAFKA_SHA512='[0-9a-f]{128}'\nIAM_AUTH_URL='https:\/\/repo1\.maven\.org\/\S+-2\.3\.9-all\.jar'\nIAM_AUTH_SHA256='[0-9a-f]{64}'/,
    );
    assert.match(
      text(named(usual, "kafka-1-rest-proxy")),
      /CONFLUENT_VERSION='7\.9\.2'\nREPOSITORY_URL='https:\/\/packages\.confluent\.io\/rpm\/7\.9'\nKEY_FINGERPRINT='[0-9A-F]{40}'/,
    );
    const { resources: seeds } = await declare({
      kafkaVersion: "2.12-2.8.1",
      confluentVersion: "7.2.0",
      confluentRepositoryUrl: "https://packages.example/confluent",
    });
    assert.match(
      text(named(seeds, "kafka-1-kafka")),
      /kafka\/2\.8\.1\/kafka_2\.12-2\.8\.1\.tgz'\nKAFKA_SHA512='287cf3b4/,
    );
    assert.match(
      text(named(seeds, "kafka-1-rest-proxy")),
      /CONFLUENT_VERSION='7\.2\.0'\nREPOSITORY_URL='https:\/\/packages\.example\/confluent'/,
    );
  });

  it("takes another version with its checksum", async () => {
    const { resources } = await declare({
      kafkaVersion: "2.13-5.0.0",
      kafkaSha512: "a".repeat(128),
    });
    assert.match(
      text(named(resources, "kafka-1-kafka")),
      /kafka_2\.13-5\.0\.0\.tgz'\nKAFKA_SHA512='a{128}'/,
    );
  });

  it("lets SSH in from the given ranges only, and the proxy be reached by the load balancer only", async () => {
    const { resources, outputs } = await declare({ sshCidrs: ["203.0.113.7/32", "10.0.0.0/8"] });
    const rules = (direction: string) =>
      resources
        .filter(
          ({ type }) => type === `aws:vpc/securityGroup${direction}:SecurityGroup${direction}`,
        )
        .map(({ inputs }) => ({
          group: inputs.securityGroupId,
          with: (inputs.cidrIpv4 ?? inputs.referencedSecurityGroupId) as string,
          ports: [inputs.fromPort, inputs.toPort],
          protocol: inputs.ipProtocol,
        }))
        .sort((one, other) => (one.with < other.with ? -1 : 1));
    const hosts = outputs.securityGroupId;
    const [balancer] = named(resources, "kafka-nlb").inputs.securityGroups as string[];
    assert.ok(balancer && balancer !== hosts);
    const tcp = { protocol: "tcp" };
    assert.deepEqual(rules("IngressRule"), [
      { group: hosts, with: "10.0.0.0/8", ports: [22, 22], ...tcp },
      { group: hosts, with: "203.0.113.7/32", ports: [22, 22], ...tcp },
      { group: hosts, with: balancer, ports: [8082, 8082], ...tcp },
    ]);
    assert.deepEqual(rules("EgressRule"), [
      { group: hosts, with: "0.0.0.0/0", ports: [443, 443], ...tcp },
      { group: balancer, with: hosts, ports: [8082, 8082], ...tcp },
    ]);
  });

  it("puts an internal load balancer before the proxies, which checks them by HTTP", async () => {
    const { resources, outputs } = await declare();
    const { inputs } = named(resources, "kafka-nlb");
    assert.equal(inputs.internal, true);
    assert.equal(inputs.loadBalancerType, "network");
    assert.deepEqual(inputs.subnets, ["subnet-private-a", "subnet-private-b"]);
    assert.equal(inputs.enableCrossZoneLoadBalancing, true);
    assert.equal(inputs.enforceSecurityGroupInboundRulesOnPrivateLinkTraffic, "off");
    const target = named(resources, "kafka-rest").inputs;
    assert.deepEqual([target.port, target.protocol, target.targetType], [8082, "TCP", "instance"]);
    const { protocol, path, port } = target.healthCheck as Record<string, Json>;
    assert.deepEqual([protocol, path, port], ["HTTP", "/", "8082"]);
    assert.match(outputs.proxyUrl, /^http:\/\/kafka-nlb-\S+\.elb\.us-east-1\.amazonaws\.com:8082$/);
    assert.match(outputs.loadBalancerArn, /:loadbalancer\/net\/kafka-nlb-/);
  });

  it("gives its roles these actions on these things, and nothing else", async () => {
    const { resources } = await declare();
    const topic = (name: string) =>
      `arn:aws:kafka:us-east-1:000000000000:topic/${inCluster}/${name}`;
    assert.deepEqual(policy(named(resources, "kafka-access-policy")).Statement, [
      {
        Sid: "Connect",
        Effect: "Allow",
        Action: [
          "kafka-cluster:Connect",
          "kafka-cluster:DescribeCluster",
          "kafka-cluster:WriteDataIdempotently",
        ],
        Resource: [clusterArn],
      },
      {
        Sid: "MakeAndFillTopics",
        Effect: "Allow",
        Action: [
          "kafka-cluster:AlterTopic",
          "kafka-cluster:AlterTopicDynamicConfiguration",
          "kafka-cluster:CreateTopic",
          "kafka-cluster:DescribeTopic",
          "kafka-cluster:DescribeTopicDynamicConfiguration",
          "kafka-cluster:WriteData",
        ],
        Resource: [topic("u1.pin"), topic("u1.dead-letter")],
      },
    ]);
    const [signIn, readKey, ...others] = policy(named(resources, "kafka-host-policy"))
      .Statement as { Action: string[]; Resource: string[] }[];
    assert.deepEqual(others, []);
    assert.deepEqual(signIn?.Action, ["sts:AssumeRole"]);
    assert.match(
      signIn.Resource.join(),
      /^arn:aws:iam::000000000000:role\/kafka-access-role-[^*]+$/,
    );
    assert.deepEqual(readKey?.Action, ["secretsmanager:GetSecretValue"]);
    assert.match(readKey.Resource.join(), /:secret:kafka-host-key-secret-[^*]+$/);
    const trusted = (name: string) =>
      (policy(named(resources, name), "assumeRolePolicy").Statement as { Principal: unknown }[])[0]
        ?.Principal;
    assert.deepEqual(trusted("kafka-host-role"), { Service: "ec2.amazonaws.com" });
    assert.match(
      (trusted("kafka-access-role") as { AWS: string }).AWS,
      /^arn:aws:iam::000000000000:role\/kafka-host-role-/,
    );
  });

  it("deletes the host key's secret at once only where it is told to", async () => {
    const { resources } = await declare({ forceDestroy: true });
    assert.equal(named(resources, "kafka-host-key-secret").inputs.recoveryWindowInDays, 0);
  });

  it("names every fault in its arguments", async () => {
    const faults = await faultsOf(
      () =>
        new KafkaClient("kafka", {
          ...required,
          sshCidrs: ["0.0.0.0/0", "::/0", "10.0.0.0/7", "203.0.113.0/24", "office"],
          publicSubnetIds: [],
          privateSubnetIds: [],
          instanceCount: 0,
          topics: [
            { name: "u1.pin", partitions: 1 },
            { name: "u1 pin", partitions: 1 },
            { name: "u1.pin", partitions: 1 },
          ],
          kafkaVersion: "2.13-5.0.0",
          iamAuthVersion: "9.9.9",
        }),
    );
    assert.deepEqual(
      faults.map(([property]) => property),
      [
        "sshCidrs[0]",
        "sshCidrs[1]",
        "sshCidrs[2]",
        "sshCidrs[4]",
        "publicSubnetIds",
        "privateSubnetIds",
        "instanceCount",
        "topics[1].name",
        "topics[2].name",
        "kafkaSha512",
        "iamAuthSha256",
      ],
    );
    assert.match(faults[0]?.[1] ?? "", /0\.0\.0\.0\/0 opens SSH to everywhere/);
    assert.match(
      faults[9]?.[1] ?? "",
      /Kafka 2\.13-5\.0\.0 is not known here; give it, or take one of/,
    );
  });

  it("refuses a host that nobody could set up, and no topics", async () => {
    const faults = await faultsOf(
      () => new KafkaClient("kafka", { ...required, sshCidrs: [], topics: [] }),
    );
    assert.deepEqual(
      faults.map(([property]) => property),
      ["sshCidrs", "topics"],
    );
  });
});
