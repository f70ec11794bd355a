import assert from "node:assert/strict";
import * as databricks from "@pulumi/databricks";
import { faultsOf } from "../mocks/faults";
import { accountId, arn, textInput, uuid } from "../mocks/identity";
import { named, record, type Recorded } from "../mocks/recorder";
import { Lakehouse, type LakehouseArgs } from ".";

const bucketName = "user-0ea7b76ff169-bucket";
const bucketArn = `arn:aws:s3:::${bucketName}`;
const unityCatalog = { catalogName: "main", accountId };
const keyArn = arn("kms", "key/8f3a1f0e-6a49-4e0f-9f35-1c2d3e4f5a6b");
const byKind = (of: (name: string) => string) => ({
  pin: of("streaming-0ea7b76ff169-pin"),
  geo: of("streaming-0ea7b76ff169-geo"),
  user: of("streaming-0ea7b76ff169-user"),
});
const streams = {
  names: byKind((name) => name),
  arns: byKind((name) => arn("kinesis", `stream/${name}`)),
  keyArn,
};
const volumePath = "/Volumes/main/pinterest_0ea7b76ff169_test/bucket";

/** The Lakehouse of this repository's own notebooks, by default in Unity Catalog. */
function declare(args: Partial<LakehouseArgs> = {}, preview = false) {
  return record(
    () => {
      const provider = new databricks.Provider("workspace", { host: "https://dbc.test" });
      const lakehouse = new Lakehouse(
        "lake",
        { userId: "0ea7b76ff169", bucketName, bucketArn, unityCatalog, ...args },
        { providers: { databricks: provider } },
      );
      const { instanceProfileArn, mountPoint } = lakehouse;
      return { mountPoint, ...(instanceProfileArn && { instanceProfileArn }) };
    },
    { preview },
  );
}

/** What one set of resources has more than the other, as `type name`. */
function more(than: readonly Recorded[], resources: readonly Recorded[]): string[] {
  const known = new Set(than.map(({ urn }) => urn));
  return resources
    .filter(({ urn }) => !known.has(urn))
    .map(({ type, name }) => `${type} ${name}`)
    .sort();
}

function statementsOf(resource: Recorded, property = "policy") {
  const { Statement: statements } = JSON.parse(textInput(resource, property)) as {
    Statement: Record<string, unknown>[];
  };
  return statements;
}

describe("the Lakehouse in Unity Catalog", () => {
  for (const preview of [false, true]) {
    describe(preview ? "in preview" : "in an update", () => {
      it("has a volume and what it stands on, and no mount, cluster or instance profile", async () => {
        const mounted = await declare({ unityCatalog: undefined }, preview);
        const { resources } = await declare({}, preview);
        assert.deepEqual(more(mounted.resources, resources), [
          "aws:iam/role:Role lake-catalog-role",
          "aws:iam/rolePolicy:RolePolicy lake-catalog-policy",
          "databricks:index/externalLocation:ExternalLocation lake-external-location",
          "databricks:index/schema:Schema lake-schema",
          "databricks:index/storageCredential:StorageCredential lake-storage-credential",
          "databricks:index/volume:Volume lake-volume",
        ]);
        assert.deepEqual(more(resources, mounted.resources), [
          "aws:iam/instanceProfile:InstanceProfile lake-cluster-instance-profile",
          "aws:iam/role:Role lake-cluster-role",
          "aws:iam/rolePolicy:RolePolicy lake-cluster-bucket-policy",
          "command:local:Command lake-known-to-ec2",
          "databricks:index/cluster:Cluster lake-mount-cluster",
          "databricks:index/instanceProfile:InstanceProfile lake-instance-profile",
          "databricks:index/mount:Mount lake-mount",
        ]);
        const lake = named(resources, "lake").urn;
        const workspace = named(resources, "workspace").urn;
        for (const name of ["storage-credential", "external-location", "schema", "volume"]) {
          const { parent, provider } = named(resources, `lake-${name}`);
          assert.deepEqual({ parent, provider }, { parent: lake, provider: workspace }, name);
        }
      });
    });
  }

  it("gives the notebooks the volume in the mount's place, and nothing else anew", async () => {
    const mounted = await declare({ unityCatalog: undefined, streams });
    const { resources, outputs } = await declare({ streams });
    assert.equal(outputs.mountPoint, volumePath);
    for (const name of ["lake-batch", "lake-stream"]) {
      const [tasks, before] = [resources, mounted.resources].map((each) =>
        JSON.stringify(named(each, name).inputs.tasks),
      );
      assert.equal(tasks, before?.replaceAll("/mnt/pinterest-0ea7b76ff169-test", volumePath));
      const { dependencies } = named(resources, name);
      assert.ok(dependencies.includes(named(resources, "lake-volume").urn), name);
    }
  });

  it("runs the jobs in the dedicated mode, with an instance profile for the streams only", async () => {
    const clusters = (resources: readonly Recorded[], name: string) =>
      (
        named(resources, name).inputs.jobClusters as unknown as {
          newCluster: { dataSecurityMode: string; awsAttributes: Record<string, unknown> };
        }[]
      ).map(({ newCluster: { dataSecurityMode, awsAttributes } }) => [
        dataSecurityMode,
        awsAttributes.instanceProfileArn,
      ]);
    const batch = await declare();
    assert.equal(batch.outputs.instanceProfileArn, undefined);
    assert.deepEqual(clusters(batch.resources, "lake-batch"), [["SINGLE_USER", undefined]]);

    const { resources, outputs } = await declare({ streams });
    assert.match(outputs.instanceProfileArn ?? "", /:instance-profile\/lake-cluster-/);
    assert.deepEqual(clusters(resources, "lake-stream"), [
      ["SINGLE_USER", outputs.instanceProfileArn],
    ]);
    const role = textInput(named(resources, "lake-cluster-streams-policy"), "role");
    assert.deepEqual(
      resources
        .filter(({ type, inputs }) => type.endsWith(":RolePolicy") && inputs.role === role)
        .map(({ name }) => name),
      ["lake-cluster-streams-policy"],
    );
  });

  it("trusts Unity Catalog by the credential's external id, and itself", async () => {
    const { resources } = await declare();
    const role = named(resources, "lake-catalog-role");
    const roleName = textInput(role, "name");
    assert.match(roleName, /^lake-catalog-[0-9a-f]{8}$/);
    const roleArn = `arn:aws:iam::${accountId}:role/${roleName}`;
    const credential = named(resources, "lake-storage-credential");
    assert.deepEqual(credential.inputs, {
      name: "pinterest-0ea7b76ff169-test",
      awsIamRole: { roleArn },
      isolationMode: "ISOLATION_MODE_ISOLATED",
      skipValidation: true,
      comment: "Reaches the bucket of the posts",
    });
    const externalId = { "sts:ExternalId": uuid(`${credential.urn} external id`) };
    assert.deepEqual(
      statementsOf(role, "assumeRolePolicy").map(({ Sid, Condition }) => [Sid, Condition]),
      [
        ["UnityCatalogAssumeRole", { StringEquals: externalId }],
        [
          "ExplicitSelfRoleAssumption",
          { StringEquals: externalId, ArnLike: { "aws:PrincipalArn": roleArn } },
        ],
      ],
    );
    assert.deepEqual(statementsOf(named(resources, "lake-catalog-policy")).at(-1), {
      Sid: "AssumeItself",
      Effect: "Allow",
      Action: "sts:AssumeRole",
      Resource: roleArn,
    });
  });

  it("names the role anew for each id, so that stacks of one account do not meet", async () => {
    const one = await declare();
    const other = await declare({ userId: "7" });
    assert.notEqual(
      named(one.resources, "lake-catalog-role").inputs.name,
      named(other.resources, "lake-catalog-role").inputs.name,
    );
  });

  it("names the role in the bucket's partition", async () => {
    const { resources } = await declare({ bucketArn: `arn:aws-us-gov:s3:::${bucketName}` });
    const { awsIamRole } = named(resources, "lake-storage-credential").inputs;
    assert.match((awsIamRole as { roleArn: string }).roleArn, /^arn:aws-us-gov:iam::/);
  });

  it("gives Unity Catalog the rights on the bucket that a mount's clusters have", async () => {
    const key = { kmsKeyArn: keyArn, topicsDirectory: "landing" };
    const mounted = await declare({ unityCatalog: undefined, ...key });
    const { resources } = await declare(key);
    assert.deepEqual(
      statementsOf(named(resources, "lake-catalog-policy")).slice(0, -1),
      statementsOf(named(mounted.resources, "lake-cluster-bucket-policy")),
    );
  });

  it("places the whole bucket in a schema of its own, once the role has its rights", async () => {
    const { resources } = await declare();
    const location = named(resources, "lake-external-location");
    assert.deepEqual(location.inputs, {
      name: "pinterest-0ea7b76ff169-test",
      url: `s3://${bucketName}`,
      credentialName: "pinterest-0ea7b76ff169-test",
      isolationMode: "ISOLATION_MODE_ISOLATED",
      skipValidation: true,
      enableFileEvents: false,
      comment: "Reaches the bucket of the posts",
    });
    assert.ok(location.dependencies.includes(named(resources, "lake-catalog-policy").urn));
    assert.deepEqual(named(resources, "lake-schema").inputs, {
      catalogName: "main",
      name: "pinterest_0ea7b76ff169_test",
      comment: "The posts of the Pinterest pipeline",
    });
    assert.deepEqual(named(resources, "lake-volume").inputs, {
      catalogName: "main",
      schemaName: "pinterest_0ea7b76ff169_test",
      name: "bucket",
      volumeType: "EXTERNAL",
      storageLocation: `s3://${bucketName}`,
      comment: "Topics, tables and results",
    });
  });

  it("takes the schema's name from its arguments", async () => {
    const { outputs } = await declare({ unityCatalog: { ...unityCatalog, schemaName: "posts" } });
    assert.equal(outputs.mountPoint, "/Volumes/main/posts/bucket");
  });

  it("lets readers read the volume, and no one else do anything", async () => {
    const readers = ["analysts", "ada@example.com"];
    const without = await declare();
    const { resources } = await declare({ readers });
    assert.deepEqual(
      more(without.resources, resources).filter((one) => one.includes(":Grants ")),
      [
        "databricks:index/grants:Grants lake-schema-grants",
        "databricks:index/grants:Grants lake-volume-grants",
      ],
    );
    const grants = (privilege: string) =>
      readers.map((principal) => ({ principal, privileges: [privilege] }));
    assert.deepEqual(named(resources, "lake-schema-grants").inputs, {
      schema: "main.pinterest_0ea7b76ff169_test",
      grants: grants("USE_SCHEMA"),
    });
    assert.deepEqual(named(resources, "lake-volume-grants").inputs, {
      volume: "main.pinterest_0ea7b76ff169_test.bucket",
      grants: grants("READ_VOLUME"),
    });
  });

  it("refuses a mount's name besides", async () => {
    const faults = await faultsOf(
      () =>
        new Lakehouse("lake", {
          userId: "0ea7b76ff169",
          bucketName,
          bucketArn,
          unityCatalog,
          mountName: "posts",
        }),
    );
    assert.deepEqual(
      faults.filter(([property]) => property !== "providers"),
      [["mountName", "must not be set with unityCatalog, which has a volume in the mount's place"]],
    );
  });
});

describe("the permissions of the Lakehouse's jobs", () => {
  const readers = ["analysts", "ada@example.com"];
  const operators = ["on-call", "6f1f2f3a-4b5c-4d6e-8f70-8192a3b4c5d6"];
  const mounted = { unityCatalog: undefined, streams };

  for (const preview of [false, true]) {
    it(`are one resource a job, and none where no one is named (preview ${preview})`, async () => {
      const without = await declare(mounted, preview);
      const { resources } = await declare({ ...mounted, readers, operators }, preview);
      assert.deepEqual(more(without.resources, resources), [
        "databricks:index/permissions:Permissions lake-batch-permissions",
        "databricks:index/permissions:Permissions lake-stream-permissions",
      ]);
      assert.ok(!without.resources.some(({ type }) => type.includes(":Permissions")));
    });
  }

  it("let operators manage runs and readers see them, each named as Databricks names its kind", async () => {
    const { resources } = await declare({ ...mounted, readers, operators });
    for (const job of ["batch", "stream"]) {
      const permissions = named(resources, `lake-${job}-permissions`);
      const { inputs, dependencies } = permissions;
      assert.match(textInput(permissions, "jobId"), /^[1-9]\d{14}$/);
      assert.ok(dependencies.includes(named(resources, `lake-${job}`).urn));
      assert.deepEqual(inputs.accessControls, [
        { groupName: "on-call", permissionLevel: "CAN_MANAGE_RUN" },
        {
          servicePrincipalName: "6f1f2f3a-4b5c-4d6e-8f70-8192a3b4c5d6",
          permissionLevel: "CAN_MANAGE_RUN",
        },
        { groupName: "analysts", permissionLevel: "CAN_VIEW" },
        { userName: "ada@example.com", permissionLevel: "CAN_VIEW" },
      ]);
    }
  });

  it("name an operator who is a reader too once, with the greater right", async () => {
    const { resources } = await declare({ ...mounted, readers: ["team"], operators: ["team"] });
    assert.deepEqual(named(resources, "lake-batch-permissions").inputs.accessControls, [
      { groupName: "team", permissionLevel: "CAN_MANAGE_RUN" },
    ]);
  });
});
