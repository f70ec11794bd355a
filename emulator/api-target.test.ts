import assert from "node:assert/strict";
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
});
