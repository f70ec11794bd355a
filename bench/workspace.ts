/** A Databricks workspace on this machine with the program's batch job, and notebooks of the benchmarks' own beside its. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { callDatabricks, folderOfDbfs, startDatabricks } from "../local/services/databricks";
import { runJob } from "../local/services/jobs";
import type { Deployment } from "../local/deploy";
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
  /**
   * The same of a job that is one notebook, `bench/notebooks/<name>.py`, on a cluster like the batch job's.
   *
   * @param topicsDirectory below the mount point. Default: the sink's.
   * @returns seconds, and what the notebook gave to `dbutils.notebook.exit`.
   */
  readonly runNotebook: (
    name: string,
    mountPoint: string,
    topicsDirectory?: string,
  ) => Promise<{ readonly seconds: number; readonly output: string | undefined }>;
}

interface JobSettings {
  readonly tasks: readonly { readonly notebook_task: { readonly notebook_path: string } }[];
}

/** The workspace that runs, to which the program is deployed. */
export function workspaceOf(
  machine: Machine,
  { userId, batchJobId }: Pick<Deployment["outputs"], "userId" | "batchJobId">,
): Workspace {
  const run = async (jobId: string, parameters: Readonly<Record<string, string>>) => {
    const begun = performance.now();
    const { tasks } = await runJob(machine, jobId, { parameters, withinSeconds });
    return { seconds: (performance.now() - begun) / 1_000, output: tasks.at(-1)?.output };
  };
  return {
    userId,
    bucket: (mountPoint) => folderOfDbfs(machine, mountPoint),
    runBatchJob: async (mountPoint) => (await run(batchJobId, { mount_point: mountPoint })).seconds,
    runNotebook: async (name, mountPoint, topicsDirectory) =>
      run(await makeJob(machine, batchJobId, name), {
        mount_point: mountPoint,
        ...(topicsDirectory !== undefined && { topics_directory: topicsDirectory }),
      }),
  };
}

/** Starts a workspace, deploys what the program has of Databricks, and stores generated posts below each of the mount points. */
export async function startWorkspace(
  machine: Machine,
  rows: number,
  mountPoints: readonly string[],
): Promise<Workspace> {
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
  const workspace = workspaceOf(machine, outputs);
  for (const mountPoint of mountPoints) {
    const bucket = workspace.bucket(mountPoint);
    await storePosts(machine, { bucket, userId: workspace.userId, rows });
  }
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
