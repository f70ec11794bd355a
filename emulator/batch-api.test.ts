import assert from "node:assert/strict";
import { generate } from "./generated";
import { takeAll } from "./testing/ingest-api";
import { post, sourceOf } from "./testing/posting";

describe("the batch path", () => {
  it("posts records to the topic of their kind, as the REST proxy's version 2 takes them", async () => {
    const all = [...generate({ rows: 2, seed: 1 })];
    const { api } = await post(["batch"], takeAll, { source: sourceOf(all) });
    assert.deepEqual(
      api.requests.map(({ method, place }) => `${method} ${place}`),
      ["POST 0ea7.pin", "POST 0ea7.geo", "POST 0ea7.user"],
    );
    for (const { headers, records } of api.requests) {
      assert.equal(headers["content-type"], "application/vnd.kafka.json.v2+json");
      assert.equal(headers.accept, "application/vnd.kafka.v2+json");
      assert.deepEqual(
        records.map(({ key }) => key),
        all.map(({ key }) => key),
      );
    }
  });
});
