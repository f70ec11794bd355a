/** A REST proxy for the tests: an HTTP server that takes records as the real one does, and fails as it is told. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";

export interface TakenRecord {
  readonly key: number;
  readonly value: Readonly<Record<string, unknown>>;
}

/** A request as it arrived. */
export interface Arrived {
  readonly topic: string;
  readonly headers: IncomingMessage["headers"];
  readonly records: readonly TakenRecord[];
  /** How many requests arrived before. */
  readonly number: number;
}

/** What the server does with a request; `take` counts its records as arrived in their topic. */
export type Behaviour = (
  request: Arrived,
  response: ServerResponse,
  take: (records?: readonly TakenRecord[]) => void,
) => void | Promise<void>;

export interface TestProxy {
  readonly url: string;
  readonly requests: readonly Arrived[];
  /** What each topic has taken, in the order of arrival. */
  readonly topics: ReadonlyMap<string, readonly TakenRecord[]>;
  /** Most requests that were there at once. */
  readonly mostAtOnce: number;
  /** Connections that were opened. */
  readonly connections: number;
  close(): Promise<void>;
}

/** Starts the server on a free port of 127.0.0.1. Default behaviour: takes everything. */
export async function startProxy(behave: Behaviour = takeAll): Promise<TestProxy> {
  const requests: Arrived[] = [];
  const topics = new Map<string, TakenRecord[]>();
  let atOnce = 0;
  let mostAtOnce = 0;
  let connections = 0;
  const server = createServer((request, response) => {
    void (async () => {
      atOnce++;
      mostAtOnce = Math.max(mostAtOnce, atOnce);
      const body = Buffer.concat(await request.toArray()).toString();
      const { records } = JSON.parse(body) as { records: TakenRecord[] };
      const topic = decodeURIComponent(request.url?.split("/topics/")[1] ?? "");
      const arrived = { topic, headers: request.headers, records, number: requests.length };
      requests.push(arrived);
      await behave(arrived, response, (taken = records) => {
        topics.set(topic, [...(topics.get(topic) ?? []), ...taken]);
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
    topics,
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

/** Takes every record, and says so. */
export const takeAll: Behaviour = ({ records }, response, take) => {
  take();
  answerOffsets(
    response,
    records.map(() => null),
  );
};

/** Answers 200 with an offset for each null, and that error code for each other. */
export function answerOffsets(response: ServerResponse, codes: readonly (number | null)[]): void {
  const offsets = codes.map((code, offset) =>
    code === null
      ? { partition: 0, offset, error_code: null, error: null }
      : { partition: null, offset: null, error_code: code, error: `error ${code}` },
  );
  response.setHeader("Content-Type", "application/vnd.kafka.v2+json");
  response.end(JSON.stringify({ offsets, key_schema_id: null, value_schema_id: null }));
}
