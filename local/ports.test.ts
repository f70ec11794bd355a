import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { freePort, freePorts } from "./ports";

describe("freePorts", () => {
  it("gives no port twice, and none that outgoing connections may take", async () => {
    const ports = [...(await freePorts(500)), ...(await freePorts(500)), await freePort()];
    assert.equal(new Set(ports).size, 1_001);
    assert.ok(ports.every((port) => port < 32_768));
  });

  it("gives ports on which a server can listen at once", async () => {
    const server = createServer().listen(await freePort(), "127.0.0.1");
    await once(server, "listening");
    server.close();
  });
});
