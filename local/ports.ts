/** Free TCP ports of 127.0.0.1. */
import { createServer, type AddressInfo, type Server } from "node:net";
import { once } from "node:events";

/**
 * As many different free ports as asked for. All are held until the last is found, so that none is given out twice; what
 * is to listen on one should do so soon.
 *
 * @throws if the system has no free port.
 */
export async function freePorts(count: number): Promise<number[]> {
  const servers: Server[] = [];
  try {
    for (let index = 0; index < count; index++) {
      const server = createServer();
      servers.push(server);
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
    }
    return servers.map((server) => (server.address() as AddressInfo).port);
  } finally {
    await Promise.all(
      servers
        .filter((server) => server.listening)
        .map((server) => new Promise((resolve) => server.close(resolve))),
    );
  }
}

/** One free port. */
export async function freePort(): Promise<number> {
  const [port] = await freePorts(1);
  if (port === undefined) throw new Error("no free port was found on 127.0.0.1");
  return port;
}
