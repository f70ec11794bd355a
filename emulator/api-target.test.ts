import assert from "node:assert/strict";
import { Agent } from "node:https";
import { connect } from "node:net";
import { mock } from "node:test";
import type { ApiOptions } from "./api-target";
import { batchApi } from "./batch-api";
import { Records } from "./delivery/records";
import type { Reply } from "./delivery/target";
import { startApi } from "./testing/ingest-api";

/** What one record meets at the batch path. */
async function sendOne(options: Pick<ApiOptions, "url" | "authorization">): Promise<Reply> {
  const target = batchApi({
    userId: "0ea7",
    timeoutMilliseconds: 5_000,
    connections: 1,
    ...options,
  });
  const records = new Records(target.form, Buffer.alloc(64));
  records.add(1, '{"ind":1}');
  try {
    return await target.send("user", records);
  } finally {
    target.close();
  }
}

describe("a path of the ingest API", () => {
  it("has a request that could not be signed tried again, and sends nothing of it", async () => {
    const api = await startApi();
    const authorization = () => Promise.reject(new Error("no credentials yet"));
    const reply = await sendOne({ url: api.url, authorization });
    await api.close();
    assert.deepEqual(reply, {
      answered: false,
      fault: "again",
      uncertain: false,
      reason: "the request could not be signed: no credentials yet",
    });
    assert.equal(api.requests.length, 0);
  });

  for (const code of [
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
    "DEPTH_ZERO_SELF_SIGNED_CERT",
    "ERR_TLS_CERT_ALTNAME_INVALID",
  ])
    it(`is given up at once where its certificate is not accepted (${code})`, async () => {
      const api = await startApi();
      mock.method(Agent.prototype, "createConnection", () => {
        const socket = connect(Number(new URL(api.url).port));
        const refused = Object.assign(new Error("not accepted"), { code });
        return socket.once("connect", () => socket.destroy(refused));
      });
      const reply = await sendOne({ url: api.url.replace("http:", "https:") });
      mock.restoreAll();
      await api.close();
      assert.deepEqual(reply, {
        answered: false,
        fault: "target",
        uncertain: false,
        reason: "the API did not answer: not accepted",
      });
    });
});
