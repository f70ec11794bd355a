/** The counterpart of the Confluent REST proxy: a process of its own, so that it fails and is killed alone, as a host does. */
import path from "node:path";
import type { Machine, Services } from "../../machine";
import { freePort } from "../../ports";
import { nodeCommand } from "../node";

/** Starts the proxy in front of the cluster. @throws if it does not come up; with the end of its log. */
export async function startRestProxy(
  machine: Pick<Machine, "processes">,
  bootstrapServers: string,
): Promise<Services["restProxy"]> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  await machine.processes.start({
    name: "rest-proxy",
    ...nodeCommand(path.join(__dirname, "main.ts"), [bootstrapServers, String(port)]),
    healthy: async () => (await fetch(`${url}/topics`)).ok,
  });
  return { url };
}
