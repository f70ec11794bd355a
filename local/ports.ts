/** Free TCP ports of 127.0.0.1. */
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:net";

/**
 * Below what systems give to outgoing connections (Linux from 32,768 on, macOS and Windows from 49,152), so that none of
 * these takes a port between the moment when it was found free and the one when a service listens on it.
 */
const range = { from: 20_000, below: 32_768 } as const;

/** Ports that were given out: what is to listen on them may not do so yet. */
const given = new Set<number>();

/**
 * As many different free ports as asked for; none is given out twice by one process.
 *
 * @throws if no free port is found.
 */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  for (let left = range.below - range.from; ports.length < count; left--) {
    if (left === 0) throw new Error("no free port was found on 127.0.0.1");
    const port = randomInt(range.from, range.below);
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    ports.push(port);
  }
  return ports;
}

/** One free port. */
export async function freePort(): Promise<number> {
  const [port] = await freePorts(1);
  if (port === undefined) throw new Error("no free port was found on 127.0.0.1");
  return port;
}

async function isFree(port: number): Promise<boolean> {
  const server: Server = createServer();
  server.listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch {
    return false;
  }
  server.close();
  await once(server, "close");
  return true;
}
