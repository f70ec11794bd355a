import type * as databricks from "@pulumi/databricks";
import type * as pulumi from "@pulumi/pulumi";
import type { NotebookName } from "./workspace-sources";

export interface BatchTasksArgs {
  readonly notebookPaths: Readonly<Record<NotebookName, pulumi.Input<string>>>;
  readonly userId: pulumi.Input<string>;
  readonly mountPoint: pulumi.Input<string>;
  readonly topicsDirectory: pulumi.Input<string>;
  readonly jobClusterKey: string;
  readonly maxRetries: pulumi.Input<number>;
  readonly taskTimeoutSeconds: pulumi.Input<number>;
}

/** Sorted, as the provider sorts tasks and what they depend on by their keys: another order would show as a change. */
const kinds = ["geo", "pin", "user"];

/** A failed attempt is often a lost node; a minute later there is another. */
const retryIntervalMillis = 60_000;

/** The batch job's tasks: the three kinds cleaned side by side, then the queries over all of them. */
export function batchTasks(args: BatchTasksArgs): databricks.types.input.JobTask[] {
  const parameters = {
    user_id: args.userId,
    mount_point: args.mountPoint,
    topics_directory: args.topicsDirectory,
  };
  const task = (
    taskKey: string,
    notebook: NotebookName,
    baseParameters: Record<string, pulumi.Input<string>>,
    dependsOn: string[],
  ): databricks.types.input.JobTask => ({
    taskKey,
    jobClusterKey: args.jobClusterKey,
    dependsOns: dependsOn.map((key) => ({ taskKey: key })),
    runIf: "ALL_SUCCESS",
    notebookTask: {
      notebookPath: args.notebookPaths[notebook],
      source: "WORKSPACE",
      baseParameters,
    },
    maxRetries: args.maxRetries,
    minRetryIntervalMillis: retryIntervalMillis,
    retryOnTimeout: false,
    timeoutSeconds: args.taskTimeoutSeconds,
  });
  const cleaning = kinds.map((kind) => task(`clean_${kind}`, "clean", { kind, ...parameters }, []));
  return [
    ...cleaning,
    task(
      "query",
      "query",
      parameters,
      kinds.map((kind) => `clean_${kind}`),
    ),
  ];
}
