import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { apiKeyAuthorization } from "./authorization";
import { batchApi } from "./batch-api";
import { isComplete, postAll, type PostingOptions, type Summary } from "./emulation";
import { generate } from "./generated";
import { kinds, type Post } from "./schema";
import type { PostSource } from "./source-tables";
import {
  answerOffsets,
  startProxy,
  takeAll,
  type Behaviour,
  type TestProxy,
} from "./testing/rest-proxy";

const rows = 120;
const posts = [...generate({ rows, seed: 7 })];

/** A source of posts that are there already; `onRead` is told how many were asked for. */
function sourceOf(
  all: readonly Post[],
  onRead: (count: number) => void = () => undefined,
): PostSource {
  return {
    count: () => Promise.resolve(all.length),
    async *posts() {
      for (const [index, post] of all.entries()) {
        onRead(index + 1);
        await Promise.resolve();
        yield [post];
      }
    },
    close: () => Promise.resolve(),
  };
}

async function run(
  behave: Behaviour,
  options: PostingOptions & { all?: readonly Post[]; timeoutMilliseconds?: number } = {},
): Promise<{ summary: Summary; proxy: TestProxy }> {
  const { all = posts, timeoutMilliseconds = 5_000, ...posting } = options;
  const proxy = await startProxy(behave);
  const target = batchApi({
    url: proxy.url,
    userId: "0ea7",
    authorization: apiKeyAuthorization("the-key"),
    timeoutMilliseconds,
    connections: 4,
  });
  try {
    return {
      summary: await postAll(sourceOf(all), target, { batchRecords: 20, attempts: 4, ...posting }),
      proxy,
    };
  } finally {
    target.close();
    await proxy.close();
  }
}

function keysIn(proxy: TestProxy, topic: string): number[] {
  return (proxy.topics.get(topic) ?? []).map(({ key }) => key);
}

const allKeys = posts.map(({ key }) => key);

function assertEachOnce(proxy: TestProxy): void {
  for (const kind of kinds)
    assert.deepEqual(
      keysIn(proxy, `0ea7.${kind}`).sort((one, other) => one - other),
      allKeys,
      kind,
    );
}

describe("postAll to the batch API", () => {
  it("sends each row once, many a request, with the content type, the key, and the row as JSON", async () => {
    const { summary, proxy } = await run(takeAll);
    assertEachOnce(proxy);
    assert.equal(proxy.requests.length, (3 * rows) / 20);
    assert.equal(isComplete(summary), true);
    assert.deepEqual(summary.counts.pin, { read: rows, accepted: rows, retried: 0, failed: 0 });
    const [first] = proxy.requests.filter(({ topic }) => topic === "0ea7.geo");
    assert.equal(first?.headers["content-type"], "application/vnd.kafka.json.v2+json");
    assert.equal(first.headers["x-api-key"], "the-key");
    const [index, timestamp, latitude, longitude, country] = posts[0]?.rows.geo ?? [];
    assert.deepEqual(first.records[0], {
      key: 0,
      value: {
        ind: index,
        timestamp: String(timestamp).replace(" ", "T"),
        latitude,
        longitude,
        country,
      },
    });
  });

  it("keeps connections, and no more requests on their way than allowed", async () => {
    const slow: Behaviour = async (request, response, take) => {
      await sleep(20);
      await takeAll(request, response, take);
    };
    const { proxy } = await run(slow, { requestsInFlight: 3 });
    assert.equal(proxy.mostAtOnce, 3);
    assert.ok(proxy.connections <= 3, `${proxy.connections} connections`);
    assertEachOnce(proxy);
  });

  it("sends a row with null, quotes, newlines, emoji and control characters as it is", async () => {
    const text = 'a "b"\n\r\t\u0000 \\N 😍 é';
    const pin = [5, null, text, "", " ", "1k", null, text, null, null, text, text];
    const { proxy } = await run(takeAll, { all: [{ key: 5, rows: { pin } }] });
    const [record] = proxy.topics.get("0ea7.pin") ?? [];
    assert.deepEqual(Object.values(record?.value ?? {}), pin);
    assert.deepEqual([...proxy.topics.keys()], ["0ea7.pin"], "what a post lacks is not sent");
  });

  it("keeps the fraction of a datetime unless it is zero", async () => {
    const all = ["2022-01-01 02:26:50.000000", "2022-01-01 02:26:50.500000"].map((moment, key) => ({
      key,
      rows: { geo: [key, moment, 0.1, -1e-7, "Åland Islands"] },
    }));
    const { proxy } = await run(takeAll, { all });
    assert.deepEqual(
      proxy.topics.get("0ea7.geo")?.map(({ value }) => value["timestamp"]),
      ["2022-01-01T02:26:50", "2022-01-01T02:26:50.500000"],
    );
  });

  for (const status of [429, 500, 503, 504])
    it(`sends the same request again after ${status}, and no other`, async () => {
      const { summary, proxy } = await run((request, response, take) => {
        if (request.number !== 2) return takeAll(request, response, take);
        response.statusCode = status;
        response.end("{}");
      });
      assertEachOnce(proxy);
      assert.equal(proxy.requests.length, (3 * rows) / 20 + 1);
      const failed = proxy.requests[2];
      const same = proxy.requests.filter(
        ({ topic, records }) =>
          topic === failed?.topic && records[0]?.key === failed.records[0]?.key,
      );
      assert.deepEqual(same[1]?.records, failed?.records);
      assert.equal(sum(summary, "retried"), 20);
      assert.equal(isComplete(summary), true);
    });

  it("waits as long as Retry-After says", async () => {
    let asked = 0;
    let waited = 0;
    await run(
      (request, response, take) => {
        if (request.number > 0) {
          waited = performance.now() - asked;
          return takeAll(request, response, take);
        }
        asked = performance.now();
        response.writeHead(429, { "Retry-After": "1" }).end();
      },
      { all: [{ key: 1, rows: { user: [1, "Thomas", "Turner", 34, null] } }] },
    );
    assert.ok(waited >= 990, `only ${waited} ms`);
  });

  for (const code of [2, 50003])
    it(`sends only the records again that Kafka may get over (${code})`, async () => {
      const { summary, proxy } = await run((request, response, take) => {
        if (request.number !== 1) return takeAll(request, response, take);
        const fails = request.records.map((_, index) => index % 7 === 3);
        take(request.records.filter((_, index) => !fails[index]));
        answerOffsets(
          response,
          fails.map((failed) => (failed ? code : null)),
        );
      });
      assertEachOnce(proxy);
      assert.equal(sum(summary, "retried"), 3);
      const keys = proxy.requests[1]?.records.map(({ key }) => key) ?? [];
      const again = proxy.requests.find(({ records }) => records.length === 3);
      assert.deepEqual(
        again?.records.map(({ key }) => key),
        [keys[3], keys[10], keys[17]],
      );
    });

  it("gives up a record that Kafka refuses for good, and delivers the rest", async () => {
    const { summary, proxy } = await run((request, response, take) => {
      const codes = request.records.map(({ key }) => (key === 30 ? 50002 : null));
      take(request.records.filter(({ key }) => key !== 30));
      answerOffsets(response, codes);
    });
    assert.deepEqual(summary.counts.geo, {
      read: rows,
      accepted: rows - 1,
      retried: 0,
      failed: 1,
    });
    assert.equal(proxy.requests.length, (3 * rows) / 20);
    assert.equal(isComplete(summary), false);
    assert.match(summary.failures[0]?.reason ?? "", /50002: error 50002/);
    assert.equal(summary.failures[0]?.firstKey, 30);
    assert.equal(summary.stopped, undefined);
  });

  it("sends a request again whose connection is reset after it was taken: nothing is lost", async () => {
    const { summary, proxy } = await run((request, response, take) => {
      if (request.number !== 4) return takeAll(request, response, take);
      take();
      response.destroy();
    });
    for (const kind of kinds)
      assert.deepEqual(
        [...new Set(keysIn(proxy, `0ea7.${kind}`))].sort((a, b) => a - b),
        allKeys,
      );
    assert.equal(sum(summary, "retried"), 20);
    assert.equal(isComplete(summary), true);
  });

  it("sends a request again that is not answered in time", async () => {
    const { summary, proxy } = await run(
      (request, response, take) => {
        if (request.number !== 0) return takeAll(request, response, take);
      },
      { timeoutMilliseconds: 200 },
    );
    assertEachOnce(proxy);
    assert.equal(sum(summary, "retried"), 20);
    assert.equal(isComplete(summary), true);
  });

  it("gives up a request after the allowed attempts, and then the API", async () => {
    const { summary, proxy } = await run(
      (_, response) => {
        response.writeHead(503).end("down for maintenance");
      },
      { attempts: 2, requestsInFlight: 1 },
    );
    assert.equal(proxy.requests.length, 2);
    assert.match(summary.stopped ?? "", /503: down for maintenance \(given up after 2 attempts\)/);
    assertEachAccountedFor(summary);
    assert.ok(summary.posts < rows, "it reads no further");
  });

  it("stops at once where the key is wrong", async () => {
    const { summary, proxy } = await run(
      (_, response) => {
        response.writeHead(403).end('{"message":"Forbidden"}');
      },
      { requestsInFlight: 1 },
    );
    assert.equal(proxy.requests.length, 1);
    assert.match(summary.stopped ?? "", /403 \(is the API key/);
    assertEachAccountedFor(summary);
  });

  it("stops at once where the address answers 200 but is no REST proxy", async () => {
    const { summary } = await run(
      (_, response) => {
        response.end("<html>hello</html>");
      },
      { requestsInFlight: 1 },
    );
    assert.match(summary.stopped ?? "", /no REST proxy: <html>hello/);
    assertEachAccountedFor(summary);
  });

  it("gives up the records of a request that is refused as it is (422), and goes on", async () => {
    const { summary } = await run((request, response, take) => {
      if (request.number !== 0) return takeAll(request, response, take);
      response.writeHead(422).end("unprocessable");
    });
    assert.equal(sum(summary, "failed"), 20);
    assert.equal(sum(summary, "accepted"), 3 * rows - 20);
    assert.equal(summary.stopped, undefined);
  });

  it("splits requests by bytes, and never sends a record over the API's limit", async () => {
    const pin = (key: number, length: number) => ({
      key,
      rows: { pin: [key, "x".repeat(length), ...Array<null>(10).fill(null)] },
    });
    const all = [pin(1, 600), pin(2, 600), pin(3, 10_000_000), pin(4, 5_000)];
    const { summary, proxy } = await run(takeAll, { all, batchBytes: 1_500 });
    assert.deepEqual(
      proxy.requests.map(({ records }) => records.map(({ key }) => key)),
      [[1], [2], [4]],
    );
    assert.deepEqual(summary.counts.pin, { read: 4, accepted: 3, retried: 0, failed: 1 });
    assert.match(summary.failures[0]?.reason ?? "", /larger than a request/);
  });

  it("keeps the order of a key's rows, whatever fails", async () => {
    const all = Array.from({ length: 75 }, (_, index) => ({
      key: index % 5,
      rows: { user: [index % 5, String(index), null, null, null] },
    }));
    const { summary, proxy } = await run(
      (request, response, take) => {
        const fails = request.records.map((_, index) => (index + request.number) % 3 === 0);
        if (request.number % 4 === 3) {
          response.writeHead(500).end();
          return;
        }
        take(request.records.filter((_, index) => !fails[index]));
        answerOffsets(
          response,
          fails.map((failed) => (failed ? 2 : null)),
        );
      },
      { all, attempts: 20 },
    );
    assert.equal(summary.counts.user.accepted, 75);
    for (let key = 0; key < 5; key++) {
      const order = (proxy.topics.get("0ea7.user") ?? [])
        .filter((record) => record.key === key)
        .map(({ value }) => Number(value["first_name"]));
      assert.deepEqual(
        order,
        order.toSorted((a, b) => a - b),
      );
      assert.equal(order.length, 15);
    }
  });

  it("reads no further ahead than what is gathered and on its way", async () => {
    const all = [...generate({ rows: 3000, seed: 1 })];
    let read = 0;
    let mostAhead = 0;
    let accepted = 0;
    const proxy = await startProxy(async (request, response, take) => {
      await sleep(2);
      mostAhead = Math.max(mostAhead, read * 3 - accepted);
      accepted += request.records.length;
      await takeAll(request, response, take);
    });
    const target = batchApi({
      url: proxy.url,
      userId: "u",
      timeoutMilliseconds: 5_000,
      connections: 2,
    });
    const source = sourceOf(all, (count) => (read = count));
    await postAll(source, target, { batchRecords: 50, requestsInFlight: 2 });
    target.close();
    await proxy.close();
    assert.equal(read, 3000);
    // Two requests on their way, one that waits for its slot, one being gathered for each of the other kinds.
    assert.ok(mostAhead <= (2 + 1 + 3) * 50, `${mostAhead} rows ahead`);
  });

  it("ends when told to, and delivers what it has read", async () => {
    const controller = new AbortController();
    const { summary, proxy } = await run(
      (request, response, take) => {
        if (request.number === 4) controller.abort();
        return takeAll(request, response, take);
      },
      { signal: controller.signal, requestsInFlight: 1, batchRecords: 10 },
    );
    assert.equal(summary.interrupted, true);
    assert.ok(summary.posts < rows, "it stops before the end");
    for (const kind of kinds) {
      assert.deepEqual(summary.counts[kind].accepted, summary.posts);
      assert.deepEqual(keysIn(proxy, `0ea7.${kind}`), allKeys.slice(0, summary.posts));
    }
  });

  it("keeps to a rate, and sends each post without waiting for a full request", async () => {
    const { summary, proxy } = await run(takeAll, { rows: 10, rate: 20, lingerMilliseconds: 10 });
    assert.equal(summary.posts, 10);
    assert.ok(summary.seconds >= 0.44 && summary.seconds < 2, `${summary.seconds} s`);
    assert.ok(proxy.requests.length > 10, `${proxy.requests.length} requests`);
  });

  it("tells how far it is", async () => {
    let last: unknown;
    await run(takeAll, {
      onProgress: ({ posts: done, total, counts }) => (last = [done, total, counts.pin.accepted]),
    });
    assert.deepEqual(last, [rows, rows, rows]);
  });
});

function sum(summary: Summary, name: "retried" | "failed" | "accepted"): number {
  return kinds.reduce((total, kind) => total + summary.counts[kind][name], 0);
}

function assertEachAccountedFor(summary: Summary): void {
  for (const kind of kinds) {
    const { read, accepted, failed } = summary.counts[kind];
    assert.equal(read, accepted + failed, kind);
  }
  assert.equal(isComplete(summary), false);
}
