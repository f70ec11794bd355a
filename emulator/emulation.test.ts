import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { DeadLetter } from "./delivery";
import { isComplete, type PathSummary, type PostingOptions, type Summary } from "./emulation";
import { generate } from "./generated";
import { Journal } from "./journal";
import type { Path } from "./paths";
import { kinds, type Post, type Row } from "./schema";
import {
  answerEach,
  takeAll,
  type Behaviour,
  type ErrorCode,
  type TestApi,
} from "./testing/ingest-api";
import { keysAt, placeOf, post, sourceOf, sum } from "./testing/posting";

const rows = 120;
const posts = [...generate({ rows, seed: 7 })];
const allKeys = posts.map(({ key }) => key);
const paths: readonly Path[] = ["batch", "stream"];

interface PathLetter extends DeadLetter {
  readonly path: Path;
}

interface RunOptions extends PostingOptions {
  readonly all?: readonly Post[];
  readonly timeoutMilliseconds?: number;
}

async function runOn<P extends Path>(
  taken: readonly P[],
  behave: Behaviour,
  { all = posts, ...options }: RunOptions,
): Promise<{ summary: Summary<P>; api: TestApi; letters: readonly PathLetter[] }> {
  const letters: PathLetter[] = [];
  const outcome = await post(taken, behave, {
    source: sourceOf(all),
    batchRecords: 20,
    attempts: 4,
    onDeadLetter: (path, letter) => letters.push({ path, ...letter }),
    ...options,
  });
  return { ...outcome, letters };
}

function assertEachOnce(api: TestApi, path: Path): void {
  for (const kind of kinds)
    assert.deepEqual(
      keysAt(api, path, kind).sort((one, other) => one - other),
      allKeys,
      kind,
    );
}

function assertEachAccountedFor({ counts }: PathSummary): void {
  for (const kind of kinds) {
    const { read, accepted, failed } = counts[kind];
    assert.equal(read, accepted + failed, kind);
  }
}

/** Refuses the records of which `codeOf` says so, and takes the others. */
function refuse(codeOf: (key: number, position: number) => ErrorCode): Behaviour {
  return (request, response, take) => {
    const { records } = request;
    take(records.filter(({ key }, position) => codeOf(Number(key), position) === null));
    answerEach(request, response, ({ key }, position) => codeOf(Number(key), position));
  };
}

/** What a record is refused with by what stands behind each path: what passes, and what does not. */
const codes: Readonly<Record<Path, { passing: readonly ErrorCode[]; lasting: ErrorCode }>> = {
  batch: { passing: [2, 50003], lasting: 50002 },
  stream: {
    passing: ["ProvisionedThroughputExceededException", "InternalFailure", "NotKnownToAnyone"],
    lasting: "KMSDisabledException",
  },
};

for (const path of paths) {
  const run = async (behave: Behaviour, options: RunOptions = {}) => {
    const { summary: whole, ...rest } = await runOn([path], behave, options);
    return { ...rest, whole, summary: whole.paths[path] };
  };

  describe(`postAll to the ${path} path`, () => {
    it("sends each row once, many a request, with the key of the API", async () => {
      const { whole, summary, api } = await run(takeAll);
      assertEachOnce(api, path);
      assert.equal(api.requests.length, (3 * rows) / 20);
      assert.equal(isComplete(whole), true);
      assert.deepEqual(summary.counts.pin, {
        read: rows,
        accepted: rows,
        retried: 0,
        possibleDuplicates: 0,
        failed: 0,
      });
      for (const { headers } of api.requests) assert.equal(headers["x-api-key"], "the-key");
    });

    it("keeps connections, and no more requests on their way than allowed", async () => {
      const slow: Behaviour = async (request, response, take) => {
        await sleep(20);
        await takeAll(request, response, take);
      };
      const { api } = await run(slow, { requestsInFlight: 3 });
      assert.equal(api.mostAtOnce, 3);
      assert.ok(api.connections <= 3, `${api.connections} connections`);
      assertEachOnce(api, path);
    });

    it("sends a row with null, quotes, newlines, emoji and control characters as it is", async () => {
      const text = 'a "b"\n\r\t\u0000 \\N 😍 é';
      const pin = [5, null, text, "", " ", "1k", null, text, null, null, text, text];
      const { api } = await run(takeAll, { all: [{ key: 5, rows: { pin } }] });
      const [record] = api.taken.get(placeOf(path, "pin")) ?? [];
      assert.deepEqual(Object.values(record?.value ?? {}), pin);
      assert.deepEqual(
        [...api.taken.keys()],
        [placeOf(path, "pin")],
        "what a post lacks is not sent",
      );
    });

    it("sends datetimes as ISO text, the fraction kept unless it is zero", async () => {
      const all = ["2022-01-01 02:26:50.000000", "2022-01-01 02:26:50.500000"].map(
        (moment, key) => ({ key, rows: { geo: [key, moment, 0.1, -1e-7, "Åland Islands"] } }),
      );
      const { api } = await run(takeAll, { all });
      const values = api.taken.get(placeOf(path, "geo"))?.map(({ value }) => value);
      assert.deepEqual(values?.[0], {
        ind: 0,
        timestamp: "2022-01-01T02:26:50",
        latitude: 0.1,
        longitude: -1e-7,
        country: "Åland Islands",
      });
      assert.equal(values[1]?.["timestamp"], "2022-01-01T02:26:50.500000");
    });

    for (const status of [429, 500, 503, 504])
      it(`sends the same request again after ${status}, and no other`, async () => {
        const { whole, summary, api } = await run((request, response, take) => {
          if (request.number !== 2) return takeAll(request, response, take);
          response.statusCode = status;
          response.end("{}");
        });
        assertEachOnce(api, path);
        assert.equal(api.requests.length, (3 * rows) / 20 + 1);
        const failed = api.requests[2];
        const same = api.requests.filter(
          ({ place, records }) =>
            place === failed?.place && records[0]?.key === failed.records[0]?.key,
        );
        assert.deepEqual(same[1]?.records, failed?.records);
        assert.equal(sum(summary, "retried"), 20);
        assert.equal(isComplete(whole), true);
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

    for (const code of codes[path].passing)
      it(`sends only the records again that were refused for a while (${code ?? ""})`, async () => {
        const refuseSome = refuse((_, position) => (position % 7 === 3 ? code : null));
        const { whole, summary, api } = await run((request, response, take) =>
          (request.number === 1 ? refuseSome : takeAll)(request, response, take),
        );
        assertEachOnce(api, path);
        assert.equal(sum(summary, "retried"), 3);
        assert.equal(isComplete(whole), true);
        const keys = api.requests[1]?.records.map(({ key }) => key) ?? [];
        const again = api.requests.find(({ records }) => records.length === 3);
        assert.deepEqual(
          again?.records.map(({ key }) => key),
          [keys[3], keys[10], keys[17]],
        );
      });

    it("gives up a record that is refused again and again, and delivers the rest", async () => {
      const [code = null] = codes[path].passing;
      const { summary } = await run(
        refuse((key) => (key === 30 ? code : null)),
        { attempts: 3 },
      );
      assert.deepEqual(summary.counts.pin, {
        read: rows,
        accepted: rows - 1,
        // The first attempt got the others through.
        retried: 3,
        // What a Kafka broker reports may come after it has written; Kinesis's throttling does not.
        possibleDuplicates: path === "batch" ? 3 : 0,
        failed: 1,
      });
      assert.equal(summary.deadLetters, 0);
      assert.match(summary.failures[0]?.reason ?? "", /given up after 3 attempts in vain/);
      assert.equal(summary.stopped, undefined);
    });

    it("gives up a record at once that is refused for good, and delivers the rest", async () => {
      const code = codes[path].lasting;
      const { whole, summary, api } = await run(refuse((key) => (key === 30 ? code : null)));
      assert.deepEqual(summary.counts.geo, {
        read: rows,
        accepted: rows - 1,
        retried: 0,
        possibleDuplicates: 0,
        failed: 1,
      });
      assert.equal(api.requests.length, (3 * rows) / 20);
      assert.equal(isComplete(whole), false);
      assert.match(summary.failures[0]?.reason ?? "", new RegExp(`${code}: error ${code}`));
      assert.equal(summary.failures[0]?.firstKey, 30);
      assert.equal(summary.stopped, undefined);
    });

    it("sends a request again whose connection is reset after it was taken: nothing is lost", async () => {
      const { whole, summary, api } = await run((request, response, take) => {
        if (request.number !== 4) return takeAll(request, response, take);
        take();
        response.destroy();
      });
      for (const kind of kinds)
        assert.deepEqual(
          [...new Set(keysAt(api, path, kind))].sort((a, b) => a - b),
          allKeys,
        );
      assert.equal(sum(summary, "retried"), 20);
      assert.equal(isComplete(whole), true);
    });

    it("sends a request again that is not answered in time", async () => {
      const { whole, summary, api } = await run(
        (request, response, take) => {
          if (request.number !== 0) return takeAll(request, response, take);
        },
        { timeoutMilliseconds: 1_000 },
      );
      assertEachOnce(api, path);
      assert.equal(sum(summary, "retried"), 20);
      assert.equal(isComplete(whole), true);
    });

    it("sends a request again whose answer comes, but not to its end in time", async () => {
      const { whole, summary, api } = await run(
        async (request, response, take) => {
          if (request.number !== 0) return takeAll(request, response, take);
          response.writeHead(200);
          for (let byte = 0; byte < 50 && !response.destroyed; byte++) {
            response.write(" ");
            await sleep(100);
          }
          response.destroy();
        },
        { timeoutMilliseconds: 500 },
      );
      assertEachOnce(api, path);
      assert.equal(sum(summary, "retried"), 20);
      assert.equal(sum(summary, "possibleDuplicates"), 20);
      assert.equal(isComplete(whole), true);
      assert.ok(whole.seconds < 3, `${whole.seconds} s`);
    });

    it("gives up a request after the allowed attempts, and then the API", async () => {
      const { whole, summary, api } = await run(
        (_, response) => {
          response.writeHead(503).end("down for maintenance");
        },
        { attempts: 2, requestsInFlight: 1 },
      );
      assert.equal(api.requests.length, 2);
      assert.match(
        summary.stopped ?? "",
        /503: down for maintenance \(given up after 2 attempts in vain\)/,
      );
      assertEachAccountedFor(summary);
      assert.equal(isComplete(whole), false);
      assert.ok(whole.posts < rows, "it reads no further");
    });

    it("stops at once where the key is wrong", async () => {
      const { whole, summary, api } = await run(
        (_, response) => {
          response.writeHead(403).end('{"message":"Forbidden"}');
        },
        { requestsInFlight: 1 },
      );
      assert.equal(api.requests.length, 1);
      assert.match(summary.stopped ?? "", /403 \(is the API key/);
      assertEachAccountedFor(summary);
      assert.equal(isComplete(whole), false);
    });

    for (const body of ["<html>hello</html>", '{"offsets":[],"Records":[]}', "null"])
      it(`stops at once where the address answers 200 with ${body}`, async () => {
        const { whole, summary } = await run(
          (_, response) => {
            response.end(body);
          },
          { requestsInFlight: 1 },
        );
        assert.match(summary.stopped ?? "", /200, but not as (a REST proxy|Kinesis) does/);
        assert.ok(summary.stopped?.endsWith(body), summary.stopped);
        assertEachAccountedFor(summary);
        assert.equal(isComplete(whole), false);
      });

    for (const result of [null, {}, { offset: null, SequenceNumber: null }])
      it(`counts no record as accepted where the reply says ${JSON.stringify(result)} of it`, async () => {
        const { summary } = await run(({ records }, response) => {
          const results = records.map(() => result);
          response.end(JSON.stringify({ offsets: results, Records: results }));
        });
        assert.equal(sum(summary, "accepted"), 0);
        assert.match(
          summary.failures[0]?.reason ?? "",
          /with neither (offset|sequence number) nor/,
        );
      });

    it("finds the record for which a request is refused as a whole (422), and delivers the others", async () => {
      const { summary, letters, api } = await run((request, response, take) => {
        if (!request.records.some(({ key }) => Number(key) === 30))
          return takeAll(request, response, take);
        response.writeHead(422).end("unprocessable");
      });
      assert.equal(sum(summary, "failed"), 3);
      assert.equal(summary.deadLetters, 3);
      assert.deepEqual(
        letters.map((letter) => [letter.path, letter.kind, letter.key]).toSorted(),
        kinds.map((kind) => [path, kind, 30]).toSorted(),
      );
      for (const kind of kinds)
        assert.deepEqual(
          keysAt(api, path, kind).sort((one, other) => one - other),
          allKeys.filter((key) => key !== 30),
        );
      assert.equal(summary.stopped, undefined);
    });

    it("makes a dead letter of a row that cannot be encoded, and delivers the others", async () => {
      const broken: Row = [2, Infinity, null, null, null];
      const { whole, summary, letters, api } = await run(takeAll, {
        all: [
          { key: 1, rows: { user: [1, "a", "b", 3, null] } },
          { key: 2, rows: { user: broken } },
        ],
      });
      assert.deepEqual(keysAt(api, path, "user"), [1]);
      assert.equal(summary.deadLetters, 1);
      assert.match(letters[0]?.reason ?? "", /first_name .* cannot be written as JSON: Infinity/);
      assert.equal(isComplete(whole), false);
    });

    it("counts at least as many possible duplicates as arrive twice, whatever happens to requests", async () => {
      const { whole, summary, api } = await run(
        (request, response, take) => {
          switch (request.number < 24 ? request.number % 6 : 0) {
            case 1:
              take();
              response.destroy();
              return;
            case 2:
              take();
              response.writeHead(503).end();
              return;
            case 3:
              response.writeHead(429).end();
              return;
            case 4:
              take();
              return;
            case 5:
              return refuse((_, position) =>
                position % 2 ? (codes[path].passing[0] ?? null) : null,
              )(request, response, take);
            default:
              return takeAll(request, response, take);
          }
        },
        { attempts: 40, timeoutMilliseconds: 100 },
      );
      assert.equal(isComplete(whole), true);
      for (const kind of kinds) {
        const keys = keysAt(api, path, kind);
        assert.deepEqual(
          [...new Set(keys)].sort((one, other) => one - other),
          allKeys,
        );
        const { possibleDuplicates } = summary.counts[kind];
        assert.ok(
          possibleDuplicates >= keys.length - allKeys.length,
          `${possibleDuplicates} for ${keys.length - allKeys.length} of ${kind}`,
        );
      }
      assert.ok(sum(summary, "possibleDuplicates") > 0);
    });

    it("counts no possible duplicates of what was throttled", async () => {
      const { summary } = await run((request, response, take) => {
        if (request.number % 3 !== 0) return takeAll(request, response, take);
        response.writeHead(429).end();
      });
      assert.ok(sum(summary, "retried") > 0);
      assert.equal(sum(summary, "possibleDuplicates"), 0);
    });

    it("sends half as many requests at once to an API that throttles", async () => {
      let atOnce = 0;
      const most: number[] = [];
      const { whole } = await run(
        async (request, response, take) => {
          atOnce++;
          most[request.number] = atOnce;
          // Longer than the waits of those that come again differ.
          await sleep(300);
          atOnce--;
          if (request.number < 4) response.writeHead(429).end();
          else await takeAll(request, response, take);
        },
        { requestsInFlight: 4 },
      );
      assert.equal(isComplete(whole), true);
      assert.equal(Math.max(...most.slice(0, 4)), 4);
      assert.equal(Math.max(...most.slice(4, 7)), 2);
    });

    it("ends within bounded time where the server never answers, and says so", async () => {
      const { whole, summary } = await run(() => undefined, {
        attempts: 2,
        timeoutMilliseconds: 100,
      });
      assert.match(summary.stopped ?? "", /did not answer: .*timeout.*given up after 2 attempts/);
      assert.ok(whole.seconds < 5, `${whole.seconds} s`);
      assertEachAccountedFor(summary);
    });

    it("splits requests by bytes, and never sends a record over the API's limit", async () => {
      const pin = (key: number, length: number) => ({
        key,
        rows: { pin: [key, "x".repeat(length), ...Array<null>(10).fill(null)] },
      });
      const all = [pin(1, 600), pin(2, 600), pin(3, 10_000_000), pin(4, 5_000)];
      const { summary, api } = await run(takeAll, { all, batchBytes: 1_500 });
      assert.deepEqual(
        api.requests.map(({ records }) => records.map(({ key }) => Number(key))),
        [[1], [2], [4]],
      );
      assert.deepEqual(summary.counts.pin, {
        read: 4,
        accepted: 3,
        retried: 0,
        possibleDuplicates: 0,
        failed: 1,
      });
      assert.match(summary.failures[0]?.reason ?? "", /not sent: a record is larger than the \d+/);
      assert.equal(summary.failures[0]?.firstKey, 3);
    });

    it("keeps the order of a key's rows, whatever fails", async () => {
      const all = Array.from({ length: 75 }, (_, index) => ({
        key: 4 - (index % 5),
        rows: { user: [4 - (index % 5), String(index), null, null, null] },
      }));
      const [code = null] = codes[path].passing;
      const { summary, api } = await run(
        (request, response, take) => {
          if (request.number % 4 === 3) {
            response.writeHead(500).end();
            return;
          }
          const some = refuse((_, position) =>
            (position + request.number) % 3 === 0 ? code : null,
          );
          return some(request, response, take);
        },
        { all, attempts: 20 },
      );
      assert.equal(summary.counts.user.accepted, 75);
      for (const { records } of api.requests)
        assert.equal(new Set(records.map(({ key }) => key)).size, records.length);
      for (let key = 0; key < 5; key++) {
        const order = (api.taken.get(placeOf(path, "user")) ?? [])
          .filter((record) => Number(record.key) === key)
          .map(({ value }) => Number(value["first_name"]));
        assert.deepEqual(
          order,
          order.toSorted((a, b) => a - b),
        );
        assert.equal(order.length, 15);
      }
    });

    it("ends when told to, and delivers what it has read", async () => {
      const controller = new AbortController();
      const { whole, summary, api } = await run(
        (request, response, take) => {
          if (request.number === 4) controller.abort();
          return takeAll(request, response, take);
        },
        { signal: controller.signal, requestsInFlight: 1, batchRecords: 10 },
      );
      assert.equal(whole.interrupted, true);
      assert.ok(whole.posts < rows, "it stops before the end");
      for (const kind of kinds) {
        assert.deepEqual(summary.counts[kind].accepted, whole.posts);
        assert.deepEqual(keysAt(api, path, kind), allKeys.slice(0, whole.posts));
      }
    });

    it("keeps to a rate, and sends each post without waiting for a full request", async () => {
      const { whole, api } = await run(takeAll, { rows: 10, rate: 20, lingerMilliseconds: 10 });
      assert.equal(whole.posts, 10);
      assert.ok(whole.seconds >= 0.44 && whole.seconds < 2, `${whole.seconds} s`);
      assert.ok(api.requests.length > 10, `${api.requests.length} requests`);
    });

    it("does not make up for a stall where it keeps to a rate", async () => {
      const read: number[] = [];
      const source = {
        ...sourceOf(posts),
        async *posts() {
          for (const [index, one] of posts.slice(0, 9).entries()) {
            if (index === 3) await sleep(500);
            read.push(performance.now());
            yield [one];
          }
        },
      };
      const { summary } = await post([path], takeAll, { source, rate: 50 });
      assert.equal(summary.posts, 9);
      const [first = 0] = read.slice(3);
      // The post after the stall goes at once, the others each a fiftieth of a second after the one before.
      const lasted = (read.at(-1) ?? 0) - first;
      assert.ok(lasted >= 75, `5 posts in ${lasted} ms`);
    });

    it("tells how far it is", async () => {
      let last: unknown;
      await run(takeAll, {
        onProgress: ({ posts: done, total, paths: counts }) =>
          (last = [done, total, counts[path]?.pin.accepted]),
      });
      assert.deepEqual(last, [rows, rows, rows]);
    });
  });
}

describe("postAll with the journal of an earlier run", () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "emulation-"));
  });

  afterEach(() => rm(directory, { recursive: true }));

  it("leaves out what is settled, and keeps to a rate with the others alone", async () => {
    const file = join(directory, "journal");
    const binding = { source: "test" };
    const first = Journal.begin(file, binding);
    await runOn(["batch"], takeAll, { journal: first, rows: 117 });
    first.close();
    const second = Journal.resume(file, binding);
    const { summary, api } = await runOn(["batch"], takeAll, { journal: second, rate: 10 });
    second.close();
    assert.deepEqual(keysAt(api, "batch", "pin"), allKeys.slice(117));
    assert.equal(summary.leftOut, 3 * 117);
    assert.ok(summary.seconds >= 0.19 && summary.seconds < 5, `${summary.seconds} s`);
  });
});

describe("postAll to both paths", () => {
  const both = (behave: Behaviour, options: RunOptions = {}) => runOn(paths, behave, options);

  /** Treats the requests of one path in a way of their own. */
  function only(path: Path, behave: Behaviour): Behaviour {
    return (request, response, take) =>
      (request.path === path ? behave : takeAll)(request, response, take);
  }

  it("sends each row once on each, and reads it once", async () => {
    let read = 0;
    const { summary, api } = await post(paths, takeAll, {
      source: sourceOf(posts, (count) => (read = count)),
      batchRecords: 20,
    });
    assert.equal(read, rows);
    assert.equal(summary.posts, rows);
    assert.equal(isComplete(summary), true);
    for (const path of paths) {
      assertEachOnce(api, path);
      const { counts, failures, stopped } = summary.paths[path];
      assert.deepEqual(counts.user, {
        read: rows,
        accepted: rows,
        retried: 0,
        possibleDuplicates: 0,
        failed: 0,
      });
      assert.deepEqual([failures, stopped], [[], undefined]);
    }
  });

  for (const failing of paths)
    it(`delivers everything on the other where ${failing} takes nothing`, async () => {
      const { summary, api } = await both(
        only(failing, (_, response) => {
          response.writeHead(403).end('{"message":"Forbidden"}');
        }),
        { requestsInFlight: 1 },
      );
      const other = failing === "batch" ? "stream" : "batch";
      assertEachOnce(api, other);
      assert.equal(sum(summary.paths[other], "accepted"), 3 * rows);
      assert.equal(summary.paths[other].stopped, undefined);
      assert.match(summary.paths[failing].stopped ?? "", /403/);
      assert.equal(sum(summary.paths[failing], "accepted"), 0);
      assertEachAccountedFor(summary.paths[failing]);
      assert.ok(sum(summary.paths[failing], "read") < 3 * rows, "it is handed no more");
      assert.equal(api.requests.filter(({ path }) => path === failing).length, 1);
      assert.equal(isComplete(summary), false);
    });

  it("counts what one path sent again and gave up for that path alone", async () => {
    const { summary, api } = await both(
      only(
        "stream",
        refuse((key) => {
          if (key === 30) return "KMSDisabledException";
          return key % 10 === 1 ? "InternalFailure" : null;
        }),
      ),
      { rows: 40, attempts: 2 },
    );
    assert.equal(sum(summary.paths.batch, "retried"), 0);
    assert.equal(sum(summary.paths.batch, "failed"), 0);
    assert.equal(sum(summary.paths.stream, "retried"), 2 * 4 * 3);
    assert.equal(sum(summary.paths.stream, "failed"), 5 * 3);
    assert.equal(keysAt(api, "batch", "pin").length, 40);
    assert.equal(keysAt(api, "stream", "pin").length, 35);
    assert.equal(isComplete(summary), false);
  });

  for (const slow of paths)
    it(`reads no further ahead of ${slow} than what is gathered and on its way`, async () => {
      const all = [...generate({ rows: 1500, seed: 1 })];
      let read = 0;
      let mostAhead = 0;
      let accepted = 0;
      const late: Behaviour = async (request, response, take) => {
        await sleep(5);
        mostAhead = Math.max(mostAhead, read * 3 - accepted);
        accepted += request.records.length;
        await takeAll(request, response, take);
      };
      const { summary } = await post(paths, only(slow, late), {
        source: sourceOf(all, (count) => (read = count)),
        batchRecords: 50,
        requestsInFlight: 2,
      });
      assert.equal(isComplete(summary), true);
      // Two requests on their way, one that waits for its slot, one being gathered for each of the other kinds.
      assert.ok(mostAhead <= (2 + 1 + 3) * 50, `${mostAhead} rows ahead`);
    });
});
