/** The REST proxy as a process of its own: `main.ts <bootstrap servers> <port>`. */
import { buildRestProxy } from "./server";

const [bootstrapServers, port] = process.argv.slice(2);
if (!bootstrapServers || !port) throw new Error("usage: main.ts <bootstrap servers> <port>");

const server = buildRestProxy(bootstrapServers);
process.once("SIGTERM", () => {
  void server.close();
});
void server.listen({ host: "127.0.0.1", port: Number(port) });
