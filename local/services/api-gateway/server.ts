/**
 * The gateway's process: two servers on 127.0.0.1, one for callers, one that takes definitions from the deployment. Plain
 * `node:http`: a gateway passes on what a web framework would parse, decode or refuse.
 *
 * Usage: server.ts <port for callers> <port for definitions>
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Definition } from "./definition";
import { Gateway, payloadLimit } from "./gateway";
import type { Answer } from "./integrations";

const host = "127.0.0.1";

let gateway: Gateway | undefined;

/** The body, read to its end so that the connection can go on; undefined if it is over `limit` bytes. */
async function read(request: IncomingMessage, limit: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= limit) chunks.push(chunk);
  }
  return length <= limit ? Buffer.concat(chunks) : undefined;
}

async function serve(request: IncomingMessage): Promise<Answer> {
  if (!gateway) return { status: 503, headers: {}, body: "nothing is deployed yet" };
  const body = await read(request, payloadLimit);
  return gateway.answer({
    method: request.method ?? "",
    url: request.url ?? "",
    headers: request.headers,
    body: body?.length ? body : undefined,
    sourceIp: request.socket.remoteAddress ?? "",
    tooLong: body === undefined,
  });
}

async function deploy(request: IncomingMessage): Promise<Answer> {
  const body = (await read(request, Infinity)) ?? Buffer.alloc(0);
  try {
    gateway = Gateway.deploy(JSON.parse(body.toString("utf8")) as Definition, gateway);
    return { status: 204, headers: {}, body: "" };
  } catch (error) {
    return { status: 400, headers: {}, body: (error as Error).message };
  }
}

function respond(
  work: (request: IncomingMessage) => Promise<Answer>,
): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    work(request)
      .then(({ status, headers, body }) => {
        if (status !== 204 && status !== 304)
          response.setHeader("content-length", Buffer.byteLength(body));
        response.writeHead(status, headers).end(body);
      })
      .catch((error: unknown) => {
        process.stderr.write(`${request.method} ${request.url}: ${(error as Error).stack}\n`);
        if (response.headersSent) response.destroy();
        else response.writeHead(500).end('{"message":"Internal server error"}');
      });
  };
}

const [callersPort, definitionsPort] = process.argv.slice(2).map(Number);
const callers = createServer({ keepAliveTimeout: 60_000 }, respond(serve));
const definitions = createServer(respond(deploy));
callers.listen(callersPort, host);
definitions.listen(definitionsPort, host);
process.once("SIGTERM", () => {
  for (const server of [callers, definitions]) {
    server.close();
    server.closeAllConnections();
  }
  process.exit(0);
});
