import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import {
  airflowVersions,
  defaultAirflowVersion,
  requirementsOf,
} from "../../components/orchestration/dag-files";
import { Processes } from "../processes";
import { installToolchain } from "../toolchain";
import { airflowLock } from "../toolchain/airflow";
import type { Machine } from "../machine";
import { runDaily, startAirflow } from "./airflow";
import { awsOf } from "./aws";

/** A DAG whose tasks are as the daily run's are called, and read what Airflow's secrets backend holds. */
const dag = (check: string) => `
from datetime import datetime
from airflow.decorators import dag, task
from airflow.models import Variable

@dag(dag_id="little_dag", schedule=None, start_date=datetime(2024, 1, 1))
def little():
    @task
    def run_batch_job(**context):
        context["ti"].xcom_push(key="run_id", value=int(Variable.get("job")))

    @task
    def check_quality():
        ${check}

    run_batch_job() >> check_quality()

little()
`;

const options = {
  "secrets.backend": "airflow.providers.amazon.aws.secrets.secrets_manager.SecretsManagerBackend",
  "secrets.backend_kwargs": JSON.stringify({ variables_prefix: "test/variables" }),
};

describe("Airflow on this machine", function () {
  this.timeout(600_000);
  let directory: string;
  let machine: Machine;

  before(async () => {
    directory = await mkdtemp(path.join(tmpdir(), "airflow-"));
    const toolchain = await installToolchain();
    const processes = await Processes.open(directory);
    machine = { directory, toolchain, processes, services: {}, routes: new Map() };
    const { endpoint, region, ...credentials } = await awsOf(machine);
    const secrets = new SecretsManagerClient({ endpoint, region, credentials });
    await secrets.send(
      new CreateSecretCommand({ Name: "test/variables/job", SecretString: "20251" }),
    );
    secrets.destroy();
  });

  after(async () => {
    await machine.processes.stop();
    await rm(directory, { recursive: true, force: true });
  });

  async function startWith(bucket: string, file: string): Promise<void> {
    const { endpoint, region, ...credentials } = await awsOf(machine);
    const s3 = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: bucket }));
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: "dags/little_dag.py", Body: file }));
    s3.destroy();
    await startAirflow(machine, {
      airflowVersion: defaultAirflowVersion,
      bucket,
      dagsPath: "dags",
      options,
    });
  }

  it("runs the bucket's DAG with the declared settings, and tells how it ended", async () => {
    await startWith("good", dag("pass"));
    const { seconds, ...run } = await runDaily(machine);
    assert.deepEqual(run, {
      dag: "little_dag",
      state: "success",
      airflow: defaultAirflowVersion,
      job: 20251,
    });
    assert.ok(seconds > 0);
  });

  it("fails where the DAG fails, naming what became of each task, and the log", async () => {
    await startWith("bad", dag('raise ValueError("no good")'));
    const error = await runDaily(machine).then(
      () => assert.fail("it did not fail"),
      (error: unknown) => error as Error,
    );
    assert.match(
      error.message,
      /little_dag ended as failed \(.*run_batch_job: success, check_quality: failed.*\); its log: /,
    );
    const [, log] = error.message.split("its log: ");
    assert.match(await readFile(log ?? "", "utf8"), /no good/);
  });

  it("fails where the DAG cannot be loaded, saying why", async () => {
    await startWith("broken", `import no_such_module\n${dag("pass")}`);
    await assert.rejects(runDaily(machine), /the DAG cannot be loaded.*no_such_module/s);
  });

  it("is none of a version that is not installed here", async () => {
    await assert.rejects(
      startAirflow(machine, { airflowVersion: "1.10.12", bucket: "", dagsPath: "", options }),
      /Airflow 1\.10\.12 is not known here/,
    );
  });
});

describe("Airflow's lock files", () => {
  for (const version of airflowVersions)
    it(`hold what MWAA installs for ${version}`, async () => {
      const lock = await readFile(airflowLock(version), "utf8");
      const pins = requirementsOf(version)
        .split("\n")
        .filter((line) => line.includes("=="));
      assert.ok(pins.length > 0);
      for (const pin of [...pins, `apache-airflow==${version}`])
        assert.ok(lock.split("\n").includes(`${pin} \\`), pin);
    });
});
