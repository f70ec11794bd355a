import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { ServerResponse } from "node:http";
import { isComplete } from "./emulation";
import { generate } from "./generated";
import { rowJson } from "./payload";
import type { Post } from "./schema";
import { answerKinesisError, takeAll, type Behaviour } from "./testing/ingest-api";
import { keysAt, post, sourceOf, sum, type TestPosting } from "./testing/posting";

const mebibyte = 1024 * 1024;

async function run(all: readonly Post[], behave: Behaviour, options: Partial<TestPosting> = {}) {
  const { summary, api } = await post(["stream"], behave, {
    source: sourceOf(all),
    // What is gathered waits for no one, so that limits alone end a request.
    lingerMilliseconds: 60_000,
    ...options,
  });
  return { summary: summary.paths.stream, complete: isComplete(summary), api };
}

function user(key: number, name: string): Post {
  return { key, rows: { user: [key, name, null, null, null] } };
}

/** A post of which Kinesis keeps as many bytes, partition key included; most of its letters are of two bytes. */
function postOf(key: number, bytes: number): Post {
  const without = rowJson("user", user(key, "").rows.user ?? []).length + String(key).length;
  const left = bytes - without;
  return user(key, "é".repeat(left >> 1) + "x".repeat(left % 2));
}

describe("the stream path", () => {
  it("puts records into the stream of their kind, as the API's models say", async () => {
    const [first] = generate({ rows: 1, seed: 1 });
    assert.ok(first);
    const { api } = await run([first], takeAll);
    assert.deepEqual(
      api.requests.map(({ method, place }) => `${method} ${place}`),
      ["PUT streaming-0ea7-pin", "PUT streaming-0ea7-geo", "PUT streaming-0ea7-user"],
    );
    for (const { headers, records } of api.requests) {
      assert.equal(headers["content-type"], "application/json");
      assert.deepEqual(
        records.map(({ key }) => key),
        [String(first.key)],
      );
    }
  });

  it("spreads posts evenly over the shards, each by its own key", async () => {
    const rows = 2_000;
    const shards = 8;
    const { api } = await run([...generate({ rows, seed: 1 })], takeAll);
    const keys = keysAt(api, "stream", "geo");
    assert.equal(new Set(keys).size, rows);
    // Each shard has an even part of the 2^128 hashes, so the first byte decides.
    const shardOf = (key: number) => {
      const [byte = 0] = createHash("md5").update(String(key)).digest();
      return Math.floor((byte * shards) / 256);
    };
    for (let shard = 0; shard < shards; shard++) {
      const count = keys.filter((key) => shardOf(key) === shard).length;
      assert.ok(count > 200 && count < 300, `${count} of ${rows} in one of ${shards} shards`);
    }
  });

  it("sends 501 records in two requests, whatever is allowed", async () => {
    const all = Array.from({ length: 501 }, (_, key) => user(key, "Thomas"));
    const { api, complete } = await run(all, takeAll, { batchRecords: 10_000 });
    assert.deepEqual(
      api.requests.map(({ records }) => records.length).sort((a, b) => a - b),
      [1, 500],
    );
    assert.equal(complete, true);
  });

  it("fills a request to 5 MiB, data and partition keys, and no further", async () => {
    const full = [1, 2, 3, 4].map((key) => postOf(key, mebibyte));
    const least = postOf(6, 85);
    for (const [fifth, requests] of [
      [mebibyte, [5, 1]],
      [mebibyte - 84, [5, 1]],
      [mebibyte - 85, [6]],
    ] as const) {
      const all = [...full, postOf(5, fifth), least];
      const { api, complete } = await run(all, takeAll, { batchBytes: 10_000_000 });
      assert.deepEqual(
        api.requests.map(({ records }) => records.length).sort((a, b) => b - a),
        requests,
      );
      for (const { bytes } of api.requests) assert.ok(bytes < 10_000_000, "API Gateway's limit");
      assert.equal(complete, true);
    }
  });

  it("never sends a record of one byte over 1 MiB, and delivers the rest", async () => {
    const all = [postOf(1, mebibyte), postOf(2, mebibyte + 1), postOf(3, 100)];
    const { api, summary, complete } = await run(all, takeAll);
    assert.deepEqual(
      keysAt(api, "stream", "user").sort((a, b) => a - b),
      [1, 3],
    );
    assert.equal(api.requests.flatMap(({ records }) => records).length, 2);
    assert.deepEqual(summary.counts.user, {
      read: 3,
      accepted: 2,
      retried: 0,
      possibleDuplicates: 0,
      failed: 1,
    });
    assert.deepEqual(summary.failures, [
      {
        kind: "user",
        reason: "not sent: a record is larger than the 1048576 bytes that the API takes",
        rows: 1,
        firstKey: 2,
      },
    ]);
    assert.equal(complete, false);
  });

  const all = [...generate({ rows: 40, seed: 3 })];
  const answerFirst =
    (name: string): Behaviour =>
    (request, response, take) => {
      if (request.number > 0) return takeAll(request, response, take);
      answerKinesisError(response, name, "said Kinesis");
    };

  for (const name of [
    "ProvisionedThroughputExceededException",
    "KMSThrottlingException",
    "com.amazonaws.kinesis.v20131202#LimitExceededException",
  ])
    it(`sends a request again that Kinesis refuses as a whole with ${name}`, async () => {
      const { api, summary, complete } = await run(all, answerFirst(name), { batchRecords: 20 });
      assert.equal(complete, true);
      assert.equal(sum(summary, "retried"), 20);
      assert.equal(api.requests.length, 7);
    });

  for (const name of ["ResourceNotFoundException", "AccessDeniedException", "KMSDisabledException"])
    it(`gives the path up at once where Kinesis says ${name}`, async () => {
      const { api, summary } = await run(all, answerFirst(name), { requestsInFlight: 1 });
      assert.equal(api.requests.length, 1);
      assert.match(summary.stopped ?? "", new RegExp(`400: .*${name}.*said Kinesis`));
    });

  // What makes these requests bad is in one record: the user of the sixth post.
  const bad = all[5]?.key;
  const answerBad =
    (answer: (response: ServerResponse) => void): Behaviour =>
    (request, response, take) => {
      const isBad = request.records.some(({ key }) => key === String(bad));
      if (!request.place.endsWith("-user") || !isBad) return takeAll(request, response, take);
      answer(response);
    };

  for (const [what, answer, reason] of [
    [
      "Kinesis finds a request invalid",
      (response: ServerResponse) => {
        answerKinesisError(response, "InvalidArgumentException", "said Kinesis");
      },
      /400: .*InvalidArgumentException/,
    ],
    [
      "API Gateway's model refuses a request",
      (response: ServerResponse) => {
        response.writeHead(400).end('{"message": "Invalid request body"}');
      },
      /400: .*Invalid request body/,
    ],
  ] as const)
    it(`gives up the one bad record where ${what}, and delivers the others`, async () => {
      const { api, summary } = await run(all, answerBad(answer), { batchRecords: 20 });
      assert.equal(sum(summary, "failed"), 1);
      assert.equal(sum(summary, "accepted"), 119);
      assert.deepEqual(
        keysAt(api, "stream", "user").sort((a, b) => a - b),
        all
          .map(({ key }) => key)
          .filter((key) => key !== bad)
          .sort((a, b) => a - b),
      );
      assert.equal(summary.failures[0]?.firstKey, bad);
      assert.match(summary.failures[0]?.reason ?? "", reason);
      assert.equal(summary.stopped, undefined);
    });
});
