import assert from "node:assert/strict";
import { unknown, type Resource, type Stack } from "./graph";
import { rules } from "./rules";

/** A resource as a rule's example needs it. */
interface Example {
  readonly type: string;
  readonly inputs?: Record<string, unknown>;
  readonly protect?: boolean;
  /** Names of other examples that it waits for. */
  readonly waitsFor?: string[];
  readonly secrets?: string[][];
}

type Graph = Record<string, Example>;

/** For each rule a graph that keeps it, and graphs that break it, each in the resource that is named first. */
interface Examples {
  readonly keeps: Graph;
  readonly breaks: readonly Graph[];
  readonly deletesData?: boolean;
}

function stackOf(graph: Graph, deletesData = false): Stack {
  const resources = Object.entries(graph).map(
    ([name, { type, inputs = {}, protect = false, waitsFor = [], secrets = [] }]): Resource => ({
      type,
      name,
      urn: `urn:${name}`,
      inputs,
      secrets,
      protect,
      dependencies: waitsFor.map((other) => `urn:${other}`),
    }),
  );
  return { resources, deletesData };
}

const bucket = { type: "aws:s3/bucket:Bucket" };
const key = "arn:aws:kms:us-east-1:000000000000:key/1";

function policy(
  type: string,
  property: string,
  statement: object,
  waitsFor: string[] = [],
): Example {
  const document = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
  return { type, inputs: { [property]: document }, waitsFor };
}

const grants = (statement: object) =>
  policy("aws:iam/rolePolicy:RolePolicy", "policy", { Effect: "Allow", ...statement });
const trusts = (statement: object) =>
  policy("aws:iam/role:Role", "assumeRolePolicy", {
    Effect: "Allow",
    Action: "sts:AssumeRole",
    ...statement,
  });
const bucketPolicy = (statement: object) =>
  policy("aws:s3/bucketPolicy:BucketPolicy", "policy", statement, ["data"]);
const tlsOnly = {
  Effect: "Deny",
  Principal: "*",
  Action: "s3:*",
  Resource: "arn:aws:s3:::data/*",
  Condition: { Bool: { "aws:SecureTransport": "false" } },
};
const forAccount = {
  StringEquals: { "aws:SourceAccount": "000000000000" },
  ArnLike: { "aws:SourceArn": "arn:aws:airflow:us-east-1:000000000000:environment/x" },
};
const database = {
  deletionProtection: true,
  skipFinalSnapshot: false,
  finalSnapshotIdentifier: "last",
  backupRetentionPeriod: 7,
};
const rds = "aws:rds/instance:Instance";
const msk = "aws:msk/cluster:Cluster";
const api = (body: object): Graph => ({
  api: { type: "aws:apigateway/restApi:RestApi", inputs: { body: JSON.stringify(body) } },
});
const open = {
  data: bucket,
  block: {
    type: "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    inputs: {
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    },
    waitsFor: ["data"],
  },
};
const group = (rules: object[]): Graph => ({
  vpc: { type: "aws:ec2/vpc:Vpc" },
  default: {
    type: "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
    inputs: { ingress: rules, egress: [] },
    waitsFor: ["vpc"],
  },
});

const examples: Readonly<Record<string, Examples>> = {
  "data-encrypted-at-rest": {
    keeps: {
      log: { type: "aws:cloudwatch/logGroup:LogGroup", inputs: { kmsKeyId: key } },
      later: { type: "aws:cloudwatch/logGroup:LogGroup", inputs: { kmsKeyId: unknown } },
      stream: {
        type: "aws:kinesis/stream:Stream",
        inputs: { encryptionType: "KMS", kmsKeyId: key },
      },
    },
    breaks: [
      { log: { type: "aws:cloudwatch/logGroup:LogGroup" } },
      {
        stream: {
          type: "aws:kinesis/stream:Stream",
          inputs: { encryptionType: "NONE", kmsKeyId: key },
        },
      },
      { cluster: { type: msk, inputs: { encryptionInfo: {} } } },
      { database: { type: rds, inputs: { storageEncrypted: false, kmsKeyId: key } } },
      { host: { type: "aws:ec2/instance:Instance", inputs: { rootBlockDevice: {} } } },
      { volume: { type: "aws:ebs/volume:Volume" } },
      { airflow: { type: "aws:mwaa/environment:Environment" } },
      { topic: { type: "aws:sns/topic:Topic" } },
    ],
  },
  "buckets-encrypted": {
    keeps: {
      data: bucket,
      encryption: {
        type: "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        waitsFor: ["data"],
      },
    },
    breaks: [{ data: bucket }],
  },
  "buckets-over-tls": {
    keeps: { data: bucket, policy: bucketPolicy(tlsOnly) },
    breaks: [
      { data: bucket },
      { data: bucket, policy: bucketPolicy({ ...tlsOnly, Condition: {} }) },
      { data: bucket, other: bucket, policy: { ...bucketPolicy(tlsOnly), waitsFor: ["other"] } },
    ],
  },
  "brokers-over-tls": {
    keeps: {
      cluster: {
        type: msk,
        inputs: {
          encryptionInfo: { encryptionInTransit: { clientBroker: "TLS", inCluster: true } },
        },
      },
    },
    breaks: ["PLAINTEXT", "TLS_PLAINTEXT"].map((clientBroker) => ({
      cluster: {
        type: msk,
        inputs: { encryptionInfo: { encryptionInTransit: { clientBroker, inCluster: true } } },
      },
    })),
  },
  "connectors-over-tls": {
    keeps: {
      sink: {
        type: "aws:mskconnect/connector:Connector",
        inputs: { kafkaClusterEncryptionInTransit: { encryptionType: "TLS" } },
      },
    },
    breaks: [{ sink: { type: "aws:mskconnect/connector:Connector" } }],
  },
  "databases-over-tls": {
    keeps: {
      group: {
        type: "aws:rds/parameterGroup:ParameterGroup",
        inputs: { parameters: [{ name: "require_secure_transport", value: "1" }] },
      },
    },
    breaks: [
      {
        group: {
          type: "aws:rds/parameterGroup:ParameterGroup",
          inputs: { parameters: [{ name: "require_secure_transport", value: "0" }] },
        },
      },
    ],
  },
  "keys-rotated": {
    keeps: { key: { type: "aws:kms/key:Key", inputs: { enableKeyRotation: true } } },
    breaks: [{ key: { type: "aws:kms/key:Key" } }],
  },
  "buckets-private": {
    keeps: open,
    breaks: [
      { data: bucket },
      {
        data: bucket,
        block: { ...open.block, inputs: { ...open.block.inputs, blockPublicPolicy: false } },
      },
    ],
  },
  "services-private": {
    keeps: { database: { type: rds, inputs: { publiclyAccessible: false } } },
    breaks: [
      { database: { type: rds, inputs: { publiclyAccessible: true } } },
      { balancer: { type: "aws:lb/loadBalancer:LoadBalancer" } },
      {
        airflow: {
          type: "aws:mwaa/environment:Environment",
          inputs: { webserverAccessMode: "PUBLIC_ONLY" },
        },
      },
      { cluster: { type: msk } },
    ],
  },
  "brokers-authenticate": {
    keeps: { cluster: { type: msk, inputs: { clientAuthentication: { unauthenticated: false } } } },
    breaks: [
      { cluster: { type: msk, inputs: { clientAuthentication: { unauthenticated: true } } } },
    ],
  },
  "no-ingress-from-everywhere": {
    keeps: {
      ssh: {
        type: "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        inputs: { cidrIpv4: "203.0.113.0/24" },
      },
    },
    breaks: [
      {
        ssh: {
          type: "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
          inputs: { cidrIpv4: "0.0.0.0/0" },
        },
      },
      {
        ssh: {
          type: "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
          inputs: { cidrIpv6: "::/0" },
        },
      },
      {
        group: {
          type: "aws:ec2/securityGroup:SecurityGroup",
          inputs: { ingress: [{ cidrBlocks: ["0.0.0.0/0"] }] },
        },
      },
    ],
  },
  "default-security-groups-closed": {
    keeps: group([]),
    breaks: [{ vpc: { type: "aws:ec2/vpc:Vpc" } }, group([{ protocol: "-1" }])],
  },
  "instance-metadata-by-token": {
    keeps: {
      host: {
        type: "aws:ec2/instance:Instance",
        inputs: { metadataOptions: { httpTokens: "required" } },
      },
    },
    breaks: [
      {
        host: {
          type: "aws:ec2/instance:Instance",
          inputs: { metadataOptions: { httpTokens: "optional" } },
        },
      },
      { host: { type: "aws:ec2/instance:Instance" } },
    ],
  },
  "no-wildcard-actions": {
    keeps: { reads: grants({ Action: "s3:GetObject", Resource: "arn:aws:s3:::data/*" }) },
    breaks: [
      { reads: grants({ Action: ["s3:Get*"], Resource: "arn:aws:s3:::data/*" }) },
      { all: grants({ Action: "*", Resource: "arn:aws:s3:::data/*" }) },
      { key: policy("aws:kms/key:Key", "policy", { Effect: "Allow", Action: "kms:*" }) },
    ],
  },
  "no-wildcard-resources": {
    keeps: {
      lists: grants({ Action: "kinesis:ListStreams", Resource: "*" }),
      denies: grants({ Effect: "Deny", Action: "s3:GetObject", Resource: "*" }),
    },
    breaks: [
      { reads: grants({ Action: "s3:GetObject", Resource: "*" }) },
      { reads: grants({ Action: ["kinesis:ListStreams", "kinesis:PutRecord"], Resource: ["*"] }) },
    ],
  },
  "passed-roles-named": {
    keeps: {
      passes: grants({
        Action: "iam:PassRole",
        Resource: "arn:aws:iam::000000000000:role/cluster",
        Condition: { StringEquals: { "iam:PassedToService": "ec2.amazonaws.com" } },
      }),
    },
    breaks: [
      {
        passes: grants({
          Action: "iam:PassRole",
          Resource: "arn:aws:iam::000000000000:role/cluster",
        }),
      },
    ],
  },
  "keys-used-through-services": {
    keeps: {
      decrypts: grants({
        Action: "kms:Decrypt",
        Resource: key,
        Condition: { StringEquals: { "kms:ViaService": "kinesis.us-east-1.amazonaws.com" } },
      }),
    },
    breaks: [{ decrypts: grants({ Action: "kms:Decrypt", Resource: key }) }],
  },
  "services-act-for-this-account": {
    keeps: {
      airflow: trusts({ Principal: { Service: "airflow.amazonaws.com" }, Condition: forAccount }),
      host: trusts({ Principal: { Service: "ec2.amazonaws.com" } }),
    },
    breaks: [
      { airflow: trusts({ Principal: { Service: "airflow.amazonaws.com" } }) },
      {
        airflow: trusts({
          Principal: { Service: ["ec2.amazonaws.com", "airflow.amazonaws.com"] },
          Condition: { StringEquals: forAccount.StringEquals },
        }),
      },
    ],
  },
  "no-public-principals": {
    keeps: { data: bucket, policy: bucketPolicy(tlsOnly) },
    breaks: [
      { policy: bucketPolicy({ Effect: "Allow", Principal: "*", Action: "s3:GetObject" }) },
      { role: trusts({ Principal: { AWS: "*" } }) },
    ],
  },
  "data-protected": {
    keeps: { database: { type: rds, protect: true } },
    breaks: [{ database: { type: rds } }, { data: bucket }],
  },
  "databases-kept": {
    keeps: { database: { type: rds, inputs: database } },
    breaks: [
      { database: { type: rds, inputs: { ...database, deletionProtection: false } } },
      { database: { type: rds, inputs: { ...database, skipFinalSnapshot: true } } },
      { database: { type: rds, inputs: { ...database, finalSnapshotIdentifier: undefined } } },
      { database: { type: rds, inputs: { ...database, backupRetentionPeriod: 1 } } },
    ],
  },
  "databases-backed-up": {
    keeps: { database: { type: rds, inputs: { backupRetentionPeriod: 1 } } },
    breaks: [{ database: { type: rds, inputs: { backupRetentionPeriod: 0 } } }],
    deletesData: true,
  },
  "buckets-versioned": {
    keeps: {
      data: bucket,
      versioning: {
        type: "aws:s3/bucketVersioning:BucketVersioning",
        inputs: { versioningConfiguration: { status: "Enabled" } },
        waitsFor: ["data"],
      },
    },
    breaks: [
      { data: bucket },
      {
        data: bucket,
        versioning: {
          type: "aws:s3/bucketVersioning:BucketVersioning",
          inputs: { versioningConfiguration: { status: "Suspended" } },
          waitsFor: ["data"],
        },
      },
    ],
  },
  "final-deletion-said": {
    keeps: { data: { ...bucket, inputs: { forceDestroy: false } } },
    breaks: [
      { data: { ...bucket, inputs: { forceDestroy: true } } },
      {
        secret: { type: "aws:secretsmanager/secret:Secret", inputs: { recoveryWindowInDays: 0 } },
      },
    ],
  },
  "logs-kept": {
    keeps: { log: { type: "aws:cloudwatch/logGroup:LogGroup", inputs: { retentionInDays: 14 } } },
    breaks: [
      { log: { type: "aws:cloudwatch/logGroup:LogGroup" } },
      { log: { type: "aws:cloudwatch/logGroup:LogGroup", inputs: { retentionInDays: 0 } } },
    ],
  },
  "services-log": {
    keeps: {
      stage: {
        type: "aws:apigateway/stage:Stage",
        inputs: { accessLogSettings: { destinationArn: "arn:aws:logs:…" } },
      },
    },
    breaks: [
      { stage: { type: "aws:apigateway/stage:Stage" } },
      {
        cluster: {
          type: msk,
          inputs: { loggingInfo: { brokerLogs: { cloudwatchLogs: { enabled: false } } } },
        },
      },
    ],
  },
  "networks-log": {
    keeps: {
      vpc: { type: "aws:ec2/vpc:Vpc" },
      flows: { type: "aws:ec2/flowLog:FlowLog", waitsFor: ["vpc"] },
    },
    breaks: [{ vpc: { type: "aws:ec2/vpc:Vpc" } }],
  },
  "everything-tagged": {
    keeps: {
      data: { ...bucket, inputs: { tags: { Project: "pinterest" } } },
      later: { ...bucket, inputs: { tags: unknown } },
      route: { type: "aws:ec2/route:Route" },
      job: { type: "databricks:index/job:Job" },
    },
    breaks: [{ data: bucket }, { data: { ...bucket, inputs: { tags: {} } } }],
  },
  "names-fit": {
    keeps: {
      balancer: { type: "aws:lb/loadBalancer:LoadBalancer" },
      [`b${"a".repeat(23)}`]: { type: "aws:lb/loadBalancer:LoadBalancer" },
      stream: { type: "aws:kinesis/stream:Stream", inputs: { name: "a".repeat(128) } },
    },
    breaks: [
      { [`b${"a".repeat(24)}`]: { type: "aws:lb/loadBalancer:LoadBalancer" } },
      { stream: { type: "aws:kinesis/stream:Stream", inputs: { name: "a".repeat(129) } } },
    ],
  },
  "security-group-descriptions-fit": {
    keeps: {
      group: { type: "aws:ec2/securityGroup:SecurityGroup" },
      ingress: {
        type: "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        inputs: { description: "a-Z 0._-:/()#,@[]+=&;{}!$*".padEnd(255, "9") },
      },
      egress: {
        type: "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
        inputs: { description: unknown },
      },
    },
    breaks: (
      [
        ["aws:ec2/securityGroup:SecurityGroup", "Airflow's"],
        ["aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "café"],
        ["aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", "a".repeat(256)],
      ] as const
    ).map(([type, description]) => ({ rule: { type, inputs: { description } } })),
  },
  "no-secrets-in-the-clear": {
    keeps: {
      value: {
        type: "aws:secretsmanager/secretVersion:SecretVersion",
        inputs: { secretString: "hidden" },
        secrets: [["secretString"]],
      },
      command: {
        type: "command:remote:Command",
        inputs: { connection: { privateKey: "-----BEGIN PRIVATE KEY-----" } },
        secrets: [["connection"]],
      },
    },
    breaks: [
      {
        value: {
          type: "aws:secretsmanager/secretVersion:SecretVersion",
          inputs: { secretString: "plain" },
        },
      },
      {
        host: {
          type: "aws:ec2/instance:Instance",
          inputs: { userData: "key=-----BEGIN EC PRIVATE KEY-----" },
        },
      },
      {
        job: {
          type: "databricks:index/job:Job",
          inputs: { tasks: [{ token: `dapi${"0".repeat(32)}` }] },
        },
      },
    ],
  },
  "methods-authorized": {
    keeps: api({
      paths: {
        "/{proxy+}": {
          options: {},
          "x-amazon-apigateway-any-method": { security: [{ apiKey: [] }] },
        },
      },
    }),
    breaks: [
      api({ paths: { "/streams": { get: {} } } }),
      api({ paths: { "/streams": { get: { security: [{ apiKey: [] }, {}] } } } }),
    ],
  },
};

describe("a rule of the policy", () => {
  it("has examples, and says why it is one and who else has it", () => {
    assert.deepEqual(rules.map(({ name }) => name).sort(), Object.keys(examples).sort());
    for (const { name, reason, source } of rules) {
      assert.match(name, /^[a-z]+(-[a-z]+)*$/);
      assert.ok(reason.endsWith(".") && source.length > 0, name);
    }
  });

  for (const rule of rules) {
    const { keeps, breaks, deletesData } = examples[rule.name] ?? { keeps: {}, breaks: [] };
    it(`finds what breaks ${rule.name}, and nothing else`, () => {
      assert.deepEqual(rule.check(stackOf(keeps, deletesData)), []);
      assert.ok(breaks.length > 0);
      for (const graph of breaks) {
        const found = rule.check(stackOf(graph, deletesData));
        const [first] = Object.keys(graph);
        assert.deepEqual(
          found.map(({ resource }) => resource.name),
          [first],
          JSON.stringify(graph),
        );
        for (const { message } of found) assert.ok(message.length > 10);
      }
    });
  }

  it("lets data be deleted where the stack says so", () => {
    const graph: Graph = {
      database: { type: rds, inputs: { skipFinalSnapshot: true, backupRetentionPeriod: 1 } },
      data: { ...bucket, inputs: { forceDestroy: true } },
    };
    for (const name of ["data-protected", "databases-kept", "final-deletion-said"]) {
      const [rule] = rules.filter((one) => one.name === name);
      assert.ok(rule);
      assert.deepEqual(rule.check(stackOf(graph, true)), []);
      assert.notDeepEqual(rule.check(stackOf(graph)), []);
    }
  });
});
