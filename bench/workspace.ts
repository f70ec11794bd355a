/** A Databricks workspace on this machine with the program's batch job, and notebooks of the benchmarks' own beside its. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { callDatabricks, folderOfDbfs, startDatabricks } from "../local/services/databricks";
import { runJob } from "../local/services/jobs";
import type { Machine } from "../local/machine";
import { storePosts } from "./stored-posts";

const withinSeconds = 2 * 3_600;

export interface Workspace {
  readonly userId: string;
  /** The folder on this disk of a folder of `dbfs:`, which stands for a mounted bucket. */
  readonly bucket: (mountPoint: string) => string;
  /**
   * Runs the batch job as the program declares it, on the posts below the mount point.
   *
   * @returns seconds, from the request to run it until its cluster has ended.
   */
  readonly runBatchJob: (mountPoint: string) => Promise<number>;
  /** The same of a job that is one notebook, `bench/notebooks/<name>.py`, on a cluster like the batch job's. */
  readonly runNotebook: (name: string, mountPoint: string) => Promise<number>;
}

interface JobSettings {
  readonly tasks: readonly { readonly notebook_task: { readonly notebook_path: string } }[];
}

/** Deploys what the program has of Databricks, and starts the workspace. */
export async function startWorkspace(machine: Machine): Promise<Workspace> {
  // The whole program comes with them, which those who only list the benchmarks need not load.
  const [{ deploy }, { handlers }, { lakehouse }] = await Promise.all([
    import("../local/deploy.js"),
    import("../local/handlers/index.js"),
    import("../local/handlers/lakehouse.js"),
  ]);
  await startDatabricks(machine);
  const { outputs } = await deploy(machine, {
    without: Object.keys(handlers).filter((type) => !(type in lakehouse)),
  });
  const run = async (jobId: string, mountPoint: string) => {
    const begun = performance.now();
    await runJob(machine, jobId, { parameters: { mount_point: mountPoint }, withinSeconds });
    return (performance.now() - begun) / 1_000;
  };
  return {
    userId: outputs.userId,
    bucket: (mountPoint) => folderOfDbfs(machine, mountPoint),
    runBatchJob: (mountPoint) => run(outputs.batchJobId, mountPoint),
    runNotebook: async (name, mountPoint) =>
      run(await makeJob(machine, outputs.batchJobId, name), mountPoint),
  };
}

/** Starts a workspace with generated posts at each of the mount points. */
export async function startWorkspaceWithPosts(
  machine: Machine,
  rows: number,
  ...mountPoints: readonly string[]
): Promise<Workspace> {
  const workspace = await startWorkspace(machine);
  const { userId, bucket } = workspace;
  for (const mountPoint of mountPoints)
    await storePosts(machine, { bucket: bucket(mountPoint), userId, rows });
  return workspace;
}

/** Imports the notebook beside the batch job's own, so that it finds what they import, and makes a job of it. */
async function makeJob(machine: Machine, batchJobId: string, name: string): Promise<string> {
  const { settings } = await callDatabricks<{ settings: JobSettings }>(
    machine,
    "GET",
    `/api/2.2/jobs/get?job_id=${batchJobId}`,
  );
  const [task] = settings.tasks;
  if (!task) throw new Error("the batch job has no task");
  const folder = path.posix.dirname(task.notebook_task.notebook_path);
  const notebook = path.posix.join(folder, `bench-${name}`);
  await callDatabricks(machine, "POST", "/api/2.0/workspace/import", {
    path: notebook,
    format: "SOURCE",
    language: "PYTHON",
    content: await readFile(path.join(__dirname, "notebooks", `${name}.py`), "base64"),
    overwrite: true,
  });
  const { job_id: id } = await callDatabricks<{ job_id: number }>(
    machine,
    "POST",
    "/api/2.2/jobs/create",
    {
      ...settings,
      name,
      tasks: [
        {
          ...task,
          depends_on: [],
          notebook_task: { ...task.notebook_task, notebook_path: notebook },
        },
      ],
    },
  );
  return String(id);
}
