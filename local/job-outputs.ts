/** What the jobs' notebooks tell of the tables at their ends. */
import { z } from "zod";
import { kinds, type Kind } from "../emulator";
import { mapKinds } from "../emulator/schema";
import type { JobRun } from "./services/jobs";

const tableOutput = z.object({
  digest: z.string(),
  total: z.object({
    read: z.number(),
    cleaned: z.number(),
    duplicates: z.number(),
    quarantined: z.number(),
  }),
});
const batchOutput = tableOutput.extend({ kind: z.enum(kinds) });
const latency = z.number().nullable();
const streamOutput = tableOutput.extend({ latencyMs: z.object({ p50: latency, p99: latency }) });
const streamOutputs = z.object({ pin: streamOutput, geo: streamOutput, user: streamOutput });

/** What a clean task tells of one kind's table. */
export type BatchOutput = z.output<typeof batchOutput>;
/** What the stream tells of one kind's table. */
export type StreamOutput = z.output<typeof streamOutput>;

/** What the batch job's clean tasks told. @throws if one is missing or told something else. */
export function cleanedBy({ tasks }: JobRun): Record<Kind, BatchOutput> {
  const told = tasks.flatMap(({ key, output = "" }) =>
    key.startsWith("clean_") ? [batchOutput.parse(JSON.parse(output))] : [],
  );
  return mapKinds((kind) => {
    const one = told.find((candidate) => candidate.kind === kind);
    if (!one) throw new Error(`the batch job has no task that cleans ${kind}`);
    return one;
  });
}

/** What the stream job's one task told. @throws if it told something else. */
export function streamedBy({ tasks: [task] }: JobRun): Record<Kind, StreamOutput> {
  return streamOutputs.parse(JSON.parse(task?.output ?? "null"));
}
