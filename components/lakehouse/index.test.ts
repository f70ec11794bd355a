import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import * as databricks from "@pulumi/databricks";
import * as pulumi from "@pulumi/pulumi";
import { faultsOf } from "../mocks/faults";
import { accountId, arn, textInput } from "../mocks/identity";
import { named, record, type Recorded } from "../mocks/recorder";
import { Lakehouse, type LakehouseArgs } from ".";

const bucketName = "user-0ea7b76ff169-bucket";
const bucketArn = `arn:aws:s3:::${bucketName}`;
const kmsKeyArn = arn("kms", "key/8f3a1f0e-6a49-4e0f-9f35-1c2d3e4f5a6b");

const names = [
  ["aws:iam/role:Role", "lake-cluster-role"],
  ["aws:iam/rolePolicy:RolePolicy", "lake-cluster-bucket-policy"],
  ["command:local:Command", "lake-known-to-ec2"],
  ["aws:iam/instanceProfile:InstanceProfile", "lake-cluster-instance-profile"],
  ["databricks:index/instanceProfile:InstanceProfile", "lake-instance-profile"],
  ["databricks:index/cluster:Cluster", "lake-mount-cluster"],
  ["databricks:index/mount:Mount", "lake-mount"],
  ["databricks:index/directory:Directory", "lake-directory"],
  ["databricks:index/directory:Directory", "lake-directory-notebooks"],
  ["databricks:index/directory:Directory", "lake-directory-notebooks-pinterest"],
  ["databricks:index/directory:Directory", "lake-directory-schemas"],
  ["databricks:index/notebook:Notebook", "lake-notebook-clean"],
  ["databricks:index/notebook:Notebook", "lake-notebook-query"],
  ["databricks:index/workspaceFile:WorkspaceFile", "lake-file-notebooks-pinterest-__init__-py"],
  ["databricks:index/workspaceFile:WorkspaceFile", "lake-file-notebooks-pinterest-values-py"],
  ["databricks:index/workspaceFile:WorkspaceFile", "lake-file-schemas-posts-json"],
  ["databricks:index/job:Job", "lake-batch"],
];

describe("Lakehouse", () => {
  let sourceDirectory: string;

  before(() => {
    sourceDirectory = mkdtempSync(path.join(tmpdir(), "lakehouse-"));
    for (const [file, content] of [
      ["schemas/posts.json", "{}"],
      ["notebooks/clean.py", "# Databricks notebook source\n"],
      ["notebooks/query.py", "# Databricks notebook source\n"],
      ["notebooks/pinterest/__init__.py", ""],
      ["notebooks/pinterest/values.py", "one = 1\n"],
    ] as const) {
      mkdirSync(path.dirname(path.join(sourceDirectory, file)), { recursive: true });
      writeFileSync(path.join(sourceDirectory, file), content);
    }
  });

  after(() => {
    rmSync(sourceDirectory, { recursive: true });
  });

  async function declare(args: Partial<LakehouseArgs> = {}, preview = false) {
    return record(
      () => {
        const provider = new databricks.Provider("workspace", { host: "https://dbc.test" });
        const lakehouse = new Lakehouse(
          "lake",
          { userId: "0ea7b76ff169", bucketName, bucketArn, sourceDirectory, ...args },
          { providers: { databricks: provider } },
        );
        return {
          jobId: lakehouse.jobId,
          instanceProfileArn: pulumi.output(lakehouse.instanceProfileArn ?? "none"),
          mountPoint: lakehouse.mountPoint,
          notebookPaths: lakehouse.notebookPaths,
        };
      },
      { preview },
    );
  }

  function below(resources: readonly Recorded[]): Recorded[] {
    const { urn } = named(resources, "lake");
    return resources.filter(({ parent }) => parent === urn);
  }

  function policyOf(resource: Recorded, property = "policy"): unknown {
    return JSON.parse(textInput(resource, property));
  }

  for (const preview of [false, true]) {
    describe(preview ? "in preview" : "in an update", () => {
      it("is made of these resources, all its own children", async () => {
        const { resources } = await declare({}, preview);
        assert.equal(named(resources, "lake").type, "pinterest:lakehouse:Lakehouse");
        assert.deepEqual(
          below(resources)
            .map(({ type, name }) => `${type} ${name}`)
            .sort(),
          names.map((typeAndName) => typeAndName.join(" ")).sort(),
        );
      });

      it("gives its provider to all that Databricks makes, and to nothing of AWS", async () => {
        const { resources } = await declare({}, preview);
        const provider = named(resources, "workspace").urn;
        for (const resource of below(resources))
          assert.equal(
            resource.provider,
            resource.type.startsWith("databricks:") ? provider : undefined,
            resource.name,
          );
      });

      it("lets the workspace's role pass the clusters' role, where it is named", async () => {
        const { resources } = await declare({ crossAccountRoleName: "databricks-access" }, preview);
        assert.equal(below(resources).length, names.length + 1);
        const policy = named(resources, "lake-cluster-pass-role-policy");
        assert.equal(policy.inputs.role, "databricks-access");
        for (const waiting of ["lake-cluster-instance-profile", "lake-instance-profile"])
          assert.ok(named(resources, waiting).dependencies.includes(policy.urn), waiting);
      });

      it("cleans the three kinds side by side, then answers the queries", async () => {
        const { resources } = await declare({}, preview);
        const tasks = named(resources, "lake-batch").inputs.tasks as {
          taskKey: string;
          dependsOns: { taskKey: string }[];
          jobClusterKey: string;
        }[];
        assert.deepEqual(
          tasks.map(({ taskKey, dependsOns, jobClusterKey }) => [
            taskKey,
            dependsOns.map((dependency) => dependency.taskKey),
            jobClusterKey,
          ]),
          [
            ["clean_geo", [], "batch"],
            ["clean_pin", [], "batch"],
            ["clean_user", [], "batch"],
            ["query", ["clean_geo", "clean_pin", "clean_user"], "batch"],
          ],
        );
      });
    });
  }

  it("runs each task with its notebook and parameters, three tries and a time limit", async () => {
    const { resources } = await declare();
    const [cleanGeo, , , query] = named(resources, "lake-batch").inputs.tasks as unknown[];
    const parameters = {
      user_id: "0ea7b76ff169",
      mount_point: "/mnt/pinterest-0ea7b76ff169-test",
      topics_directory: "topics",
    };
    const common = {
      jobClusterKey: "batch",
      runIf: "ALL_SUCCESS",
      maxRetries: 2,
      minRetryIntervalMillis: 60_000,
      retryOnTimeout: false,
      timeoutSeconds: 3600,
    };
    assert.deepEqual(cleanGeo, {
      ...common,
      taskKey: "clean_geo",
      dependsOns: [],
      notebookTask: {
        notebookPath: "/pinterest-0ea7b76ff169-test/notebooks/clean",
        source: "WORKSPACE",
        baseParameters: { kind: "geo", ...parameters },
      },
    });
    assert.deepEqual(query, {
      ...common,
      taskKey: "query",
      dependsOns: ["clean_geo", "clean_pin", "clean_user"].map((taskKey) => ({ taskKey })),
      notebookTask: {
        notebookPath: "/pinterest-0ea7b76ff169-test/notebooks/query",
        source: "WORKSPACE",
        baseParameters: parameters,
      },
    });
  });

  it("declares a job without a schedule, one run at a time, on a cluster of its own", async () => {
    const { resources, outputs } = await declare({ tags: { team: "posts" } });
    const { tasks, jobClusters, ...job } = named(resources, "lake-batch").inputs;
    assert.ok(Array.isArray(tasks));
    assert.deepEqual(job, {
      name: "pinterest-0ea7b76ff169-test-batch",
      description: "Cleans the posts that are new in S3 and answers the queries over all of them",
      maxConcurrentRuns: 1,
      queue: { enabled: true },
      timeoutSeconds: 14_400,
      tags: { team: "posts" },
    });
    assert.deepEqual(jobClusters, [
      {
        jobClusterKey: "batch",
        newCluster: {
          sparkVersion: "17.3.x-scala2.13",
          nodeTypeId: "m6gd.large",
          driverNodeTypeId: "m6gd.large",
          dataSecurityMode: "NONE",
          runtimeEngine: "STANDARD",
          enableElasticDisk: true,
          enableLocalDiskEncryption: true,
          awsAttributes: {
            firstOnDemand: 1,
            availability: "SPOT_WITH_FALLBACK",
            spotBidPricePercent: 100,
            zoneId: "auto",
            instanceProfileArn: outputs.instanceProfileArn,
          },
          autoscale: { minWorkers: 1, maxWorkers: 4 },
          sparkConf: { "spark.sql.session.timeZone": "UTC" },
          customTags: { team: "posts" },
        },
      },
    ]);
  });

  it("starts the job only after its mount, notebooks and files are there", async () => {
    const { resources } = await declare();
    const { dependencies } = named(resources, "lake-batch");
    for (const name of [
      "lake-mount",
      "lake-instance-profile",
      ...names.map(([, child = ""]) => child).filter((child) => /notebook-|file-/.test(child)),
    ])
      assert.ok(dependencies.includes(named(resources, name).urn), name);
  });

  it("takes runtime, nodes, workers, limits and places from its arguments", async () => {
    const { resources, outputs } = await declare({
      sparkVersion: "18.0.x-scala2.13",
      nodeType: "i4i.xlarge",
      minWorkers: 2,
      maxWorkers: 8,
      maxRetries: 0,
      taskTimeoutSeconds: 60,
      timeoutSeconds: 120,
      mountName: "posts",
      workspacePath: "/Production/posts",
      topicsDirectory: "landing",
    });
    const { inputs } = named(resources, "lake-batch");
    const [{ newCluster }] = inputs.jobClusters as [{ newCluster: Record<string, unknown> }];
    assert.equal(newCluster.sparkVersion, "18.0.x-scala2.13");
    assert.equal(newCluster.nodeTypeId, "i4i.xlarge");
    assert.deepEqual(newCluster.autoscale, { minWorkers: 2, maxWorkers: 8 });
    const { resources: ofOneSize } = await declare({ minWorkers: 3, maxWorkers: 3 });
    const [fixed] = named(ofOneSize, "lake-batch").inputs.jobClusters as [
      { newCluster: Record<string, unknown> },
    ];
    assert.deepEqual([fixed.newCluster.numWorkers, fixed.newCluster.autoscale], [3, undefined]);
    assert.equal(inputs.timeoutSeconds, 120);
    const [task] = inputs.tasks as [Record<string, unknown>];
    assert.equal(task.maxRetries, 0);
    assert.equal(task.timeoutSeconds, 60);
    assert.deepEqual(task.notebookTask, {
      notebookPath: "/Production/posts/notebooks/clean",
      source: "WORKSPACE",
      baseParameters: {
        kind: "geo",
        user_id: "0ea7b76ff169",
        mount_point: "/mnt/posts",
        topics_directory: "landing",
      },
    });
    assert.equal(outputs.mountPoint, "/mnt/posts");
    assert.equal(named(resources, "lake-mount-cluster").inputs.sparkVersion, "18.0.x-scala2.13");
    assert.match(
      textInput(named(resources, "lake-cluster-bucket-policy"), "policy"),
      /"arn:aws:s3:::user-0ea7b76ff169-bucket\/landing\/\*"/,
    );
  });

  it("mounts the bucket from a small cluster that stops by itself and is kept", async () => {
    const { resources, outputs } = await declare({ tags: { team: "posts" } });
    const cluster = named(resources, "lake-mount-cluster");
    const { awsAttributes, ...inputs } = cluster.inputs;
    assert.deepEqual(inputs, {
      clusterName: "pinterest-0ea7b76ff169-test-mount",
      sparkVersion: "17.3.x-scala2.13",
      nodeTypeId: "m6gd.large",
      driverNodeTypeId: "m6gd.large",
      dataSecurityMode: "NONE",
      runtimeEngine: "STANDARD",
      enableElasticDisk: true,
      enableLocalDiskEncryption: true,
      numWorkers: 0,
      autoterminationMinutes: 10,
      isPinned: true,
      sparkConf: {
        "spark.sql.session.timeZone": "UTC",
        "spark.databricks.cluster.profile": "singleNode",
        "spark.master": "local[*]",
      },
      customTags: { team: "posts", ResourceClass: "SingleNode" },
    });
    assert.equal(
      (awsAttributes as Record<string, unknown>).instanceProfileArn,
      outputs.instanceProfileArn,
    );
    const mount = named(resources, "lake-mount");
    const { clusterId, ...mounted } = mount.inputs;
    assert.match(clusterId as string, /^1023-\d{6}-[0-9a-z]{8}$/);
    assert.deepEqual(mounted, {
      name: "pinterest-0ea7b76ff169-test",
      s3: { bucketName, instanceProfile: outputs.instanceProfileArn },
    });
    assert.equal(mount.deleteBeforeReplace, true);
    assert.equal(mount.retainOnDelete, false);
    assert.equal(mount.deletedWith, undefined);
    assert.ok(mount.dependencies.includes(cluster.urn), "unmounted while its cluster is there");
  });

  it("lays the workspace out as the repository, each file with its source and MD5", async () => {
    const { resources } = await declare();
    const root = "/pinterest-0ea7b76ff169-test";
    const objects = below(resources)
      .filter(({ type }) => /Directory|Notebook|WorkspaceFile/.test(type))
      .map(({ name, inputs }) => [name, inputs] as const);
    const folder = (folderPath: string) => ({ path: folderPath, deleteRecursive: true });
    const source = (file: string) => path.relative(process.cwd(), path.join(sourceDirectory, file));
    const notebook = { language: "PYTHON", format: "SOURCE" };
    const notebookMd5 = "67764e3d4f8b04997066d0ca95cb533e";
    assert.deepEqual(Object.fromEntries(objects), {
      "lake-directory": folder(root),
      "lake-directory-schemas": folder(`${root}/schemas`),
      "lake-directory-notebooks": folder(`${root}/notebooks`),
      "lake-directory-notebooks-pinterest": folder(`${root}/notebooks/pinterest`),
      "lake-notebook-clean": {
        ...notebook,
        path: `${root}/notebooks/clean`,
        source: source("notebooks/clean.py"),
        md5: notebookMd5,
      },
      "lake-notebook-query": {
        ...notebook,
        path: `${root}/notebooks/query`,
        source: source("notebooks/query.py"),
        md5: notebookMd5,
      },
      "lake-file-notebooks-pinterest-__init__-py": {
        path: `${root}/notebooks/pinterest/__init__.py`,
        source: source("notebooks/pinterest/__init__.py"),
        md5: "d41d8cd98f00b204e9800998ecf8427e",
      },
      "lake-file-notebooks-pinterest-values-py": {
        path: `${root}/notebooks/pinterest/values.py`,
        source: source("notebooks/pinterest/values.py"),
        md5: "1259653954ed031bcb670e7b01273c51",
      },
      "lake-file-schemas-posts-json": {
        path: `${root}/schemas/posts.json`,
        source: source("schemas/posts.json"),
        md5: "99914b932bd37a50b983c5e7c90ae93b",
      },
    });
  });

  it("lets clusters list the bucket, read topics and write what the notebooks write", async () => {
    const { resources } = await declare({ kmsKeyArn });
    assert.deepEqual(policyOf(named(resources, "lake-cluster-role"), "assumeRolePolicy"), {
      Version: "2012-10-17",
      Statement: [
        { Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" },
      ],
    });
    assert.deepEqual(policyOf(named(resources, "lake-cluster-bucket-policy")), {
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "ListBucket",
          Effect: "Allow",
          Action: ["s3:GetBucketLocation", "s3:ListBucket"],
          Resource: bucketArn,
        },
        {
          Sid: "ReadTopics",
          Effect: "Allow",
          Action: "s3:GetObject",
          Resource: `${bucketArn}/topics/*`,
        },
        {
          Sid: "WriteTables",
          Effect: "Allow",
          Action: [
            "s3:AbortMultipartUpload",
            "s3:DeleteObject",
            "s3:GetObject",
            "s3:ListMultipartUploadParts",
            "s3:PutObject",
          ],
          Resource: [
            `${bucketArn}/tables/*`,
            `${bucketArn}/checkpoints/*`,
            `${bucketArn}/results/*`,
          ],
        },
        {
          Sid: "UseBucketKeyThroughS3",
          Effect: "Allow",
          Action: ["kms:Decrypt", "kms:GenerateDataKey"],
          Resource: kmsKeyArn,
          Condition: { StringEquals: { "kms:ViaService": "s3.us-east-1.amazonaws.com" } },
        },
      ],
    });
  });

  it("gives no key rights where the bucket has no key of its own", async () => {
    const { resources } = await declare();
    const { Statement: statements } = policyOf(named(resources, "lake-cluster-bucket-policy")) as {
      Statement: { Sid: string }[];
    };
    assert.deepEqual(
      statements.map(({ Sid }) => Sid),
      ["ListBucket", "ReadTopics", "WriteTables"],
    );
  });

  it("lets exactly the clusters' role be passed, to EC2 only", async () => {
    const { resources } = await declare({ crossAccountRoleName: "databricks-access" });
    const { Statement: statements } = policyOf(
      named(resources, "lake-cluster-pass-role-policy"),
    ) as { Statement: { Resource: string }[] };
    assert.match(
      statements[0]?.Resource ?? "",
      new RegExp(`^arn:aws:iam::${accountId}:role/lake-cluster-role-[0-9a-f]{7}$`),
    );
    assert.deepEqual(statements, [
      {
        Sid: "GiveClustersTheirRole",
        Effect: "Allow",
        Action: "iam:PassRole",
        Resource: statements[0]?.Resource,
        Condition: { StringEquals: { "iam:PassedToService": "ec2.amazonaws.com" } },
      },
    ]);
  });

  it("registers the instance profile once its role can do what Databricks tries, and EC2 knows it", async () => {
    const { resources, outputs } = await declare();
    const registration = named(resources, "lake-instance-profile");
    assert.match(
      outputs.instanceProfileArn,
      new RegExp(
        `^arn:aws:iam::${accountId}:instance-profile/lake-cluster-instance-profile-[0-9a-f]{7}$`,
      ),
    );
    assert.equal(registration.inputs.instanceProfileArn, outputs.instanceProfileArn);
    assert.match(textInput(registration, "iamRoleArn"), /:role\/lake-cluster-role-/);
    assert.ok(
      registration.dependencies.includes(named(resources, "lake-cluster-bucket-policy").urn),
    );
    const known = named(resources, "lake-known-to-ec2");
    assert.deepEqual(known.inputs.triggers, [outputs.instanceProfileArn]);
    assert.ok(registration.dependencies.includes(known.urn), "it does not wait for EC2");
  });

  it("answers the job, the mount and the notebooks", async () => {
    const { outputs } = await declare();
    assert.match(outputs.jobId, /^[1-9]\d{14}$/);
    assert.equal(outputs.mountPoint, "/mnt/pinterest-0ea7b76ff169-test");
    assert.deepEqual(outputs.notebookPaths, {
      clean: "/pinterest-0ea7b76ff169-test/notebooks/clean",
      query: "/pinterest-0ea7b76ff169-test/notebooks/query",
    });
  });

  it("names every faulty argument, a missing provider among them, in one error", async () => {
    assert.deepEqual(
      await faultsOf(
        () =>
          new Lakehouse("lake", {
            userId: "0ea7b76ff169",
            bucketName,
            bucketArn,
            mountName: "a/b",
            operators: ["admins"],
            workspacePath: "posts/",
            minWorkers: 5,
            maxWorkers: 4,
            sourceDirectory: "notebooks",
          }),
      ),
      [
        ["providers", "must hold an explicit Databricks provider"],
        ["mountName", "must be letters, digits, hyphens or underscores"],
        [
          "workspacePath",
          "must be absolute, below the workspace's root and without a slash at the end",
        ],
        ["minWorkers", "must not be more than maxWorkers"],
        ["operators", "must not name admins, who may do all that there is; Databricks refuses it"],
        ["sourceDirectory", "must be absolute"],
      ],
    );
  });
});
