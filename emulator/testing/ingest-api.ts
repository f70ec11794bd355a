/**
 * An ingest API for the tests: an HTTP server that takes records as the REST proxy and Kinesis do, each at its path, and
 * fails as it is told.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { Path } from "../paths";

export interface TakenRecord {
  /** The record's key: Kafka's, or Kinesis's partition key. */
  readonly key: number | string;
  /** The row. */
  readonly value: Readonly<Record<string, unknown>>;
}

/** A request as it arrived. */
export interface Arrived {
  readonly path: Path;
  readonly method: string;
  /** The topic or the stream. */
  readonly place: string;
  readonly headers: IncomingMessage["headers"];
  readonly records: readonly TakenRecord[];
  /** Bytes of the body. */
  readonly bytes: number;
  /** How many requests arrived before. */
  readonly number: number;
}

/** What the server does with a request; `take` counts its records as arrived at their place. */
export type Behaviour = (
  request: Arrived,
  response: ServerResponse,
  take: (records?: readonly TakenRecord[]) => void,
) => void | Promise<void>;

export interface TestApi {
  readonly url: string;
  readonly requests: readonly Arrived[];
  /** What each topic and stream has taken, in the order of arrival. */
  readonly taken: ReadonlyMap<string, readonly TakenRecord[]>;
  /** Most requests that were there at once. */
  readonly mostAtOnce: number;
  /** Connections that were opened. */
  readonly connections: number;
  close(): Promise<void>;
}

/** Starts the server on a free port of 127.0.0.1. Default behaviour: takes everything. */
export async function startApi(behave: Behaviour = takeAll): Promise<TestApi> {
  const requests: Arrived[] = [];
  const taken = new Map<string, TakenRecord[]>();
  let atOnce = 0;
  let mostAtOnce = 0;
  let connections = 0;
  const server = createServer((request, response) => {
    void (async () => {
      atOnce++;
      mostAtOnce = Math.max(mostAtOnce, atOnce);
      const body = Buffer.concat(await request.toArray());
      const arrived = { ...read(request, body), number: requests.length };
      requests.push(arrived);
      await behave(arrived, response, (records = arrived.records) => {
        const at = taken.get(arrived.place) ?? [];
        at.push(...records);
        taken.set(arrived.place, at);
      });
      atOnce--;
    })();
  });
  server.on("connection", () => connections++);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/dev`,
    requests,
    taken,
    get mostAtOnce() {
      return mostAtOnce;
    },
    get connections() {
      return connections;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

type SentRecord =
  | { readonly key: number; readonly value: TakenRecord["value"] }
  | { readonly "partition-key": string; readonly data: TakenRecord["value"] };

function read(request: IncomingMessage, body: Buffer): Omit<Arrived, "number"> {
  const { method = "", url = "", headers } = request;
  const [, path, place = "", rest] = /^\/dev\/(topics|streams)\/([^/]+)(.*)$/.exec(url) ?? [];
  if (path === undefined || rest !== (path === "topics" ? "" : "/records"))
    throw new Error(`the API has no resource ${url}`);
  const { records } = JSON.parse(body.toString()) as { records: SentRecord[] };
  return {
    path: path === "topics" ? "batch" : "stream",
    method,
    place: decodeURIComponent(place),
    headers,
    records: records.map((record) =>
      "data" in record
        ? { key: record["partition-key"], value: record.data }
        : { key: record.key, value: record.value },
    ),
    bytes: body.length,
  };
}

/** Takes every record, and says so; of a stream only what is within Kinesis's limits. */
export const takeAll: Behaviour = (request, response, take) => {
  const refused = request.path === "stream" ? overKinesisLimits(request.records) : undefined;
  if (refused !== undefined) {
    answerKinesisError(response, "InvalidArgumentException", refused);
    return;
  }
  take();
  answerEach(request, response, () => null);
};

/** What Kinesis says of a PutRecords that is over one of its limits, which are counted here as AWS documents them. */
function overKinesisLimits(records: readonly TakenRecord[]): string | undefined {
  const sizes = records.map(
    ({ key, value }) => Buffer.byteLength(JSON.stringify(value)) + Buffer.byteLength(String(key)),
  );
  if (records.length > 500) return `${records.length} records`;
  if (sizes.some((size) => size > 1_048_576)) return "a record is over 1 MiB";
  if (sizes.reduce((total, size) => total + size, 0) > 5_242_880) return "over 5 MiB in all";
  return undefined;
}

/** What a record is refused with: a code of the REST proxy's, or a name of Kinesis's; null if it is accepted. */
export type ErrorCode = number | string | null;

/** Answers 200 with one result for each record. */
export function answerEach(
  { path, records }: Arrived,
  response: ServerResponse,
  codeOf: (record: TakenRecord, position: number) => ErrorCode,
): void {
  const codes = records.map(codeOf);
  response.setHeader("Content-Type", "application/json");
  response.end(JSON.stringify(path === "batch" ? offsetsOf(codes) : resultsOf(codes)));
}

function offsetsOf(codes: readonly ErrorCode[]) {
  const offsets = codes.map((code, offset) =>
    code === null
      ? { partition: 0, offset, error_code: null, error: null }
      : { partition: null, offset: null, error_code: code, error: `error ${code}` },
  );
  return { offsets, key_schema_id: null, value_schema_id: null };
}

function resultsOf(codes: readonly ErrorCode[]) {
  return {
    EncryptionType: "KMS",
    FailedRecordCount: codes.filter((code) => code !== null).length,
    Records: codes.map((code, position) =>
      code === null
        ? { SequenceNumber: `4954346307654800757710509270303956${position}`, ShardId: "shardId-0" }
        : { ErrorCode: code, ErrorMessage: `error ${code}` },
    ),
  };
}

/** Answers as Kinesis does to a request that it refuses as a whole. */
export function answerKinesisError(response: ServerResponse, name: string, message: string): void {
  response.writeHead(400, { "Content-Type": "application/x-amz-json-1.1" });
  response.end(JSON.stringify({ __type: name, message }));
}
