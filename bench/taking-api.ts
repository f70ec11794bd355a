/** An ingest API that takes everything at once, for what is to be measured without the cost of a real one. */
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";

/** A request to the batch path, as it arrived. */
export interface TakenRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface TakingApi {
  readonly url: string;
  readonly close: () => void;
}

/** Starts it on a free port of 127.0.0.1, as a stage of that path. */
export async function startTakingApi(
  stage: string,
  onRequest: (request: TakenRequest) => void = () => undefined,
): Promise<TakingApi> {
  const server = createServer((request, response) => {
    void request.toArray().then((chunks: Buffer[]) => {
      const { url: path = "", headers } = request;
      const body = Buffer.concat(chunks).toString();
      onRequest({ path, headers, body });
      const { records } = JSON.parse(body) as { records: unknown[] };
      response.end(JSON.stringify({ offsets: records.map((_, offset) => ({ offset })) }));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${stage}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
