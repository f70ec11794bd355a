/**
 * Records in S3, put there by the sink connector as the program declares it, and by a second one that makes one object of each
 * record, as the original's does.
 */
import { kinds } from "../emulator";
import { untilStored } from "../local/counts";
import type { Machine } from "../local/machine";
import { runConnector } from "../local/services/kafka-connect";
import { runEmulator } from "./emulator";
import { startPipeline, type Pipeline } from "./ingest-api";

/** The connectors, by what tells them apart, with their `topics.dir`. */
export const topicsDirectories = { "flush.size=1": "singly", default: "topics" } as const;
export type Connector = keyof typeof topicsDirectories;

const withinSeconds = 2 * 3_600;

export interface StoredRecords extends Pick<Pipeline, "outputs"> {
  /** How many objects each connector made of the same records. */
  readonly objects: Readonly<Record<Connector, number>>;
}

/**
 * Posts as many records as wanted, or up to two more: a third of each kind. Waits until both connectors have written all.
 *
 * @throws if they do not.
 */
export async function storeRecords(
  machine: Machine,
  records: number,
  say: (line: string) => void,
): Promise<StoredRecords> {
  const posts = Math.ceil(records / kinds.length);
  const { outputs, api } = await startPipeline(machine, posts);
  const { connect, aws } = machine.services;
  if (!connect || !aws) throw new Error("the program declares no sink");
  const declared = await fetch(
    `${connect.url}/connectors/${encodeURIComponent(outputs.connectorName)}/config`,
  );
  await runConnector(connect.url, "singly", {
    ...((await declared.json()) as Record<string, string>),
    name: "singly",
    "flush.size": "1",
    "topics.dir": topicsDirectories["flush.size=1"],
  });
  await runEmulator(machine, api);
  const count = async (connector: Connector) => {
    const objects = { bucket: outputs.bucketName, prefix: `${topicsDirectories[connector]}/` };
    return (await untilStored(aws, objects, posts * kinds.length, withinSeconds)).objects;
  };
  const objects = {
    default: await count("default"),
    "flush.size=1": await count("flush.size=1"),
  };
  for (const [connector, made] of Object.entries(objects))
    say(`  ${posts * kinds.length} records are in ${made} objects with ${connector}`);
  return { outputs, objects };
}
