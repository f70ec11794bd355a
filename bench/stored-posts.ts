/** Generated posts as the S3 sink stores them: one JSON document a line, in objects of as many as it puts into one. */
import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { defaultFlushSize } from "../components/s3-sink/settings";
import { generate, kinds, tables, type Kind, type Post, type Row } from "../emulator";
import { mapKinds } from "../emulator/schema";
import { rowJson } from "../emulator/payload";
import type { Machine } from "../local/machine";

export interface StoredPosts {
  /** The folder that stands for the bucket. */
  readonly bucket: string;
  readonly userId: string;
  readonly rows: number;
  /** Index of the first post. Default 0. */
  readonly from?: number;
}

/** Writes the posts' rows, those of each kind below its topic's folder. */
export async function storePosts(
  machine: Pick<Machine, "toolchain" | "processes">,
  { bucket, userId, rows, from = 0 }: StoredPosts,
): Promise<void> {
  const line = await lineWriters(machine);
  const posts = generate({ rows, seed: "bench" });
  for (let stored = 0; stored < rows; stored += defaultFlushSize) {
    const some = take(posts, defaultFlushSize);
    for (const kind of kinds) {
      const { keyPosition } = tables[kind];
      const lines = some.map(({ key, rows }) =>
        line[kind]((rows[kind] ?? []).with(keyPosition, from + key)),
      );
      const topic = `${userId}.${kind}`;
      const folder = path.join(bucket, "topics", topic, "partition=0");
      const offset = String(from + stored).padStart(10, "0");
      await mkdir(folder, { recursive: true });
      await writeFile(path.join(folder, `${topic}+0+${offset}.json`), lines.join(""));
    }
  }
}

/** Takes away all that the batch job made of the posts, so that its next run is the first one. */
export async function forgetRuns(bucket: string): Promise<void> {
  for (const folder of ["tables", "checkpoints", "results"])
    await rm(path.join(bucket, folder), { recursive: true, force: true });
}

function take(posts: Iterator<Post>, count: number): Post[] {
  const taken: Post[] = [];
  while (taken.length < count) {
    const next = posts.next();
    if (next.done) break;
    taken.push(next.value);
  }
  return taken;
}

/** Writes a row as a line with its keys in the order that Kafka Connect puts them in. */
async function lineWriters({
  toolchain,
  processes,
}: Pick<Machine, "toolchain" | "processes">): Promise<Record<Kind, (row: Row) => string>> {
  const columns = mapKinds((kind) => tables[kind].columns.map((column) => column.name));
  const printed = await processes.run({
    name: "key-order",
    command: toolchain.python,
    args: [path.join(__dirname, "key_order.py"), JSON.stringify(columns)],
    environment: { PYTHONPATH: path.join(__dirname, "..", "notebooks") },
  });
  const orders = JSON.parse(printed) as Record<Kind, string[]>;
  return mapKinds((kind) => (row) => {
    const values = JSON.parse(rowJson(kind, row)) as Record<string, unknown>;
    return `${JSON.stringify(Object.fromEntries(orders[kind].map((name) => [name, values[name]])))}\n`;
  });
}
