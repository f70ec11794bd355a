import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { faultsOf } from "./mocks/faults";
import { named, record } from "./mocks/recorder";
import {
  type NewSourceDatabaseArgs,
  SourceDatabase,
  type SourceDatabaseArgs,
} from "./source-database";

const place = { accountId: "000000000000", region: "us-east-1", vpcId: "vpc-1" };
const fresh: NewSourceDatabaseArgs = { ...place, subnetIds: ["subnet-1", "subnet-2"] };

function declare(args: SourceDatabaseArgs, preview = false) {
  return record(
    () => {
      const database = new SourceDatabase("posts", args);
      return {
        address: database.address,
        port: database.port,
        databaseName: database.databaseName,
        secretArn: database.secretArn,
        clientSecurityGroupId: database.clientSecurityGroupId,
      };
    },
    { preview },
  );
}

async function instance(args: Partial<NewSourceDatabaseArgs>) {
  const { resources } = await declare({ ...fresh, ...args });
  return named(resources, "posts-instance").inputs;
}

function refusal(args: Partial<NewSourceDatabaseArgs>) {
  return faultsOf(() => new SourceDatabase("posts", { ...fresh, ...args }));
}

describe("SourceDatabase", () => {
  for (const preview of [false, true]) {
    it(`makes exactly these resources, all its own children (preview ${preview})`, async () => {
      const { resources } = await declare({ ...fresh, tags: { project: "pinterest" } }, preview);
      const [, component, ...children] = resources;
      assert.deepEqual(
        [component?.type, component?.name],
        ["pinterest:database:SourceDatabase", "posts"],
      );
      assert.deepEqual(children.map(({ type, name }) => `${type} ${name}`).sort(), [
        "aws:cloudwatch/logGroup:LogGroup posts-error-log",
        "aws:cloudwatch/logGroup:LogGroup posts-slowquery-log",
        "aws:ec2/securityGroup:SecurityGroup posts-client-security-group",
        "aws:ec2/securityGroup:SecurityGroup posts-security-group",
        "aws:kms/key:Key posts-key",
        "aws:rds/instance:Instance posts-instance",
        "aws:rds/parameterGroup:ParameterGroup posts-parameters",
        "aws:rds/subnetGroup:SubnetGroup posts-subnets",
        "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule posts-client-egress",
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule posts-client-ingress",
      ]);
      for (const { name, parent, inputs } of children) {
        assert.equal(parent, component?.urn, name);
        assert.equal((inputs.tags as Record<string, string>).project, "pinterest", name);
      }
    });

    it(`is safe by default (preview ${preview})`, async () => {
      const { resources } = await declare(fresh, preview);
      const { inputs } = named(resources, "posts-instance");
      const expected = {
        engine: "mysql",
        engineVersion: "8.4",
        autoMinorVersionUpgrade: true,
        instanceClass: "db.t4g.small",
        dbName: "pinterest_data",
        username: "admin",
        manageMasterUserPassword: true,
        iamDatabaseAuthenticationEnabled: true,
        storageType: "gp3",
        allocatedStorage: 20,
        maxAllocatedStorage: 100,
        storageEncrypted: true,
        publiclyAccessible: false,
        port: 3306,
        multiAz: false,
        backupRetentionPeriod: 7,
        copyTagsToSnapshot: true,
        deleteAutomatedBackups: false,
        deletionProtection: true,
        applyImmediately: true,
        allowMajorVersionUpgrade: true,
        skipFinalSnapshot: false,
        enabledCloudwatchLogsExports: ["error", "slowquery"],
      };
      for (const [property, value] of Object.entries(expected))
        assert.deepEqual(inputs[property], value, property);
      assert.equal(inputs.password, undefined);
      assert.equal(named(resources, "posts-instance").protect, true);
      assert.equal(named(resources, "posts-key").retainOnDelete, true);
    });
  }

  it("encrypts all with its own key and puts the instance where it belongs", async () => {
    const { resources } = await declare(fresh);
    const { inputs, dependencies } = named(resources, "posts-instance");
    assert.match(
      inputs.kmsKeyId as string,
      /^arn:aws:kms:us-east-1:000000000000:key\/[0-9a-f-]{36}$/,
    );
    assert.equal(inputs.masterUserSecretKmsKeyId, inputs.kmsKeyId);
    assert.match(inputs.dbSubnetGroupName as string, /^posts-subnets-[0-9a-f]{7}$/);
    assert.match(inputs.parameterGroupName as string, /^posts-parameters-[0-9a-f]{7}$/);
    assert.deepEqual(inputs.vpcSecurityGroupIds, [
      named(resources, "posts-client-ingress").inputs.securityGroupId,
    ]);
    assert.equal(named(resources, "posts-key").inputs.enableKeyRotation, true);
    for (const log of ["error", "slowquery"]) {
      const group = named(resources, `posts-${log}-log`);
      assert.equal(group.inputs.name, `/aws/rds/instance/${inputs.identifier as string}/${log}`);
      assert.equal(group.inputs.kmsKeyId, inputs.kmsKeyId);
      assert.equal(group.inputs.retentionInDays, 30);
      assert.ok(dependencies.includes(group.urn), "RDS would make the group itself");
    }
    assert.match(inputs.identifier as string, /^posts-[0-9a-f]{7}$/);
    assert.equal(inputs.finalSnapshotIdentifier, `${inputs.identifier as string}-final`);
    const policy = JSON.parse(named(resources, "posts-key").inputs.policy as string) as {
      Statement: { Principal: unknown; Condition?: unknown }[];
    };
    assert.deepEqual(
      policy.Statement.map(({ Principal, Condition }) => [Principal, Condition]),
      [
        [{ AWS: "arn:aws:iam::000000000000:root" }, undefined],
        [
          { Service: "logs.us-east-1.amazonaws.com" },
          {
            ArnLike: {
              "kms:EncryptionContext:aws:logs:arn": `arn:aws:logs:us-east-1:000000000000:log-group:/aws/rds/instance/${inputs.identifier as string}/*`,
            },
          },
        ],
      ],
    );
  });

  it("lets in what carries the client group, on MySQL's port, and nothing else", async () => {
    const { resources, outputs } = await declare(fresh);
    const rules = resources
      .filter(({ type }) => type.startsWith("aws:vpc/"))
      .sort((one, other) => one.type.localeCompare(other.type));
    const server = named(resources, "posts-client-ingress").inputs.securityGroupId;
    assert.match(server as string, /^sg-[0-9a-f]{17}$/);
    assert.notEqual(server, outputs.clientSecurityGroupId);
    assert.deepEqual(
      rules.map(({ type, inputs }) => ({
        type,
        from: inputs.fromPort,
        to: inputs.toPort,
        protocol: inputs.ipProtocol,
        group: inputs.securityGroupId,
        other: inputs.referencedSecurityGroupId,
        range: inputs.cidrIpv4,
      })),
      [
        {
          type: "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
          from: 3306,
          to: 3306,
          protocol: "tcp",
          group: outputs.clientSecurityGroupId,
          other: server,
          range: undefined,
        },
        {
          type: "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
          from: 3306,
          to: 3306,
          protocol: "tcp",
          group: server,
          other: outputs.clientSecurityGroupId,
          range: undefined,
        },
      ],
    );
    for (const name of ["posts-security-group", "posts-client-security-group"]) {
      const { inputs } = named(resources, name);
      assert.deepEqual(
        [inputs.vpcId, inputs.ingress, inputs.egress],
        ["vpc-1", undefined, undefined],
      );
    }
  });

  it("wants TLS and the character set of the posts", async () => {
    const { resources } = await declare(fresh);
    const { inputs } = named(resources, "posts-parameters");
    assert.equal(inputs.family, "mysql8.4");
    const parameters = inputs.parameters as { name: string; value: string }[];
    assert.deepEqual(Object.fromEntries(parameters.map(({ name, value }) => [name, value])), {
      require_secure_transport: "1",
      character_set_server: "utf8mb4",
      collation_server: "utf8mb4_0900_ai_ci",
      slow_query_log: "1",
      long_query_time: "2",
      log_output: "FILE",
    });
  });

  it("takes the parameter family from the version", async () => {
    const { resources } = await declare({ ...fresh, engineVersion: pulumi.output("8.0.43") });
    assert.equal(named(resources, "posts-parameters").inputs.family, "mysql8.0");
    assert.equal(named(resources, "posts-instance").inputs.engineVersion, "8.0.43");
  });

  it("gives out what the posts are read by", async () => {
    const { outputs } = await declare(fresh);
    assert.match(
      outputs.address,
      /^posts-[0-9a-f]{7}\.c[0-9a-f]{11}\.us-east-1\.rds\.amazonaws\.com$/,
    );
    assert.equal(outputs.port, 3306);
    assert.equal(outputs.databaseName, "pinterest_data");
    assert.match(
      outputs.secretArn,
      /^arn:aws:secretsmanager:us-east-1:000000000000:secret:rds!db-[0-9a-f-]{36}-[0-9a-f]{6}$/,
    );
    assert.match(outputs.clientSecurityGroupId, /^sg-[0-9a-f]{17}$/);
  });

  it("takes the sizes and periods that it is given", async () => {
    const inputs = await instance({
      instanceClass: "db.m7g.large",
      allocatedStorageGiB: 400,
      maxAllocatedStorageGiB: 400,
      multiZone: true,
      backupRetentionDays: 35,
      deletionProtection: false,
    });
    assert.equal(inputs.instanceClass, "db.m7g.large");
    assert.equal(inputs.allocatedStorage, 400);
    assert.equal(inputs.maxAllocatedStorage, 0, "never grows");
    assert.equal(inputs.multiAz, true);
    assert.equal(inputs.backupRetentionPeriod, 35);
    assert.equal(inputs.deletionProtection, false);
    assert.equal(inputs.skipFinalSnapshot, false);
  });

  it("leaves nothing behind where the data may go", async () => {
    const { resources } = await declare({ ...fresh, forceDestroy: true });
    const { inputs, protect } = named(resources, "posts-instance");
    assert.equal(protect, false);
    assert.equal(inputs.skipFinalSnapshot, true);
    assert.equal(inputs.finalSnapshotIdentifier, undefined);
    assert.equal(inputs.deleteAutomatedBackups, true);
    assert.equal(inputs.deletionProtection, true, "which is said apart");
    assert.equal(named(resources, "posts-key").retainOnDelete, false);
  });

  for (const preview of [false, true]) {
    it(`makes a client group only for a database that exists (preview ${preview})`, async () => {
      const secretArn = "arn:aws:secretsmanager:us-east-1:000000000000:secret:posts-a1b2c3";
      const existing = {
        vpcId: "vpc-1",
        address: "mysql.example.com",
        port: 3307,
        secretArn,
        securityGroupId: "sg-0123456789abcdef0",
      };
      const { resources, outputs } = await declare(existing, preview);
      assert.deepEqual(
        resources
          .filter(({ custom }) => custom)
          .map(({ name }) => name)
          .sort(),
        ["posts-client-egress", "posts-client-ingress", "posts-client-security-group"],
      );
      const { inputs } = named(resources, "posts-client-ingress");
      assert.equal(inputs.securityGroupId, "sg-0123456789abcdef0");
      assert.deepEqual([inputs.fromPort, inputs.toPort], [3307, 3307]);
      if (preview) return;
      assert.equal(outputs.address, "mysql.example.com");
      assert.equal(outputs.port, 3307);
      assert.equal(outputs.databaseName, "pinterest_data");
      assert.equal(outputs.secretArn, secretArn);
    });
  }

  it("names every fault at once", async () => {
    assert.deepEqual(
      await refusal({
        engineVersion: "5.7",
        subnetIds: ["subnet-1"],
        allocatedStorageGiB: 10,
        maxAllocatedStorageGiB: 5,
        backupRetentionDays: 0,
      }),
      [
        ["engineVersion", "must be 8.4 or 8.0, with or without a patch number, not 5.7"],
        ["subnetIds", "must name subnets in at least two zones, not 1"],
        ["allocatedStorageGiB", "must be at least 20, the least that gp3 takes, not 10"],
        ["maxAllocatedStorageGiB", "must be at least allocatedStorageGiB, 10, not 5"],
        ["backupRetentionDays", "must be 1 to 35, not 0"],
      ],
    );
    assert.deepEqual(await refusal({ allocatedStorageGiB: 200 }), [
      ["maxAllocatedStorageGiB", "must be at least allocatedStorageGiB, 200, not 100"],
    ]);
  });
});
