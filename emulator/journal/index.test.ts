import assert from "node:assert/strict";
import fs from "node:fs";
import { appendFile, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mock } from "node:test";
import { Journal } from ".";

const binding = { source: "a@b:3306/c", rows: null };

describe("Journal", () => {
  let directory: string;
  let file: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "journal-"));
    file = join(directory, "state", "journal");
  });

  afterEach(() => rm(directory, { recursive: true }));

  /** Writes a journal, and leaves it as a process that ends there does. */
  function write(spans: readonly (readonly ["begun" | "settled", number, number])[]): void {
    const journal = Journal.begin(file, binding);
    const log = journal.logOf("batch");
    for (const [what, first, last] of spans) log[what]("pin", first, last);
    journal.close();
  }

  function fates(journal: Journal, ...keys: readonly number[]) {
    return keys.map((key) => journal.fate("batch", "pin", key));
  }

  it("tells what arrived, what may have, and what was not sent", () => {
    write([
      ["begun", 1, 5],
      ["begun", 7, 9],
      ["begun", 12, 15],
      ["settled", 12, 15],
      ["settled", 1, 5],
    ]);
    const journal = Journal.resume(file, binding);
    assert.deepEqual(fates(journal, 1, 5, 7, 9, 12, 15, 16), [
      ...["settled", "settled", "unknown", "unknown", "settled", "settled", "unsent"],
    ]);
    assert.equal(journal.fate("stream", "pin", 1), "unsent");
    assert.equal(journal.fate("batch", "geo", 1), "unsent");
    journal.close();
  });

  it("keeps what each of several runs has settled", () => {
    write([
      ["begun", 1, 2],
      ["begun", 3, 4],
      ["settled", 3, 4],
    ]);
    const second = Journal.resume(file, binding);
    const log = second.logOf("batch");
    log.begun("pin", 1, 6);
    log.begun("pin", 7, 8);
    log.settled("pin", 7, 8);
    second.close();
    const third = Journal.resume(file, binding);
    assert.deepEqual(fates(third, 1, 3, 6, 7, 9), [
      ...["unknown", "settled", "unknown", "settled", "unsent"],
    ]);
    third.logOf("batch").begun("pin", 1, 6);
    third.logOf("batch").settled("pin", 1, 6);
    third.close();
    const fourth = Journal.resume(file, binding);
    assert.deepEqual(fates(fourth, 1, 6, 7, 9), ["settled", "settled", "settled", "unsent"]);
    fourth.close();
  });

  it("takes each point at which the writing may have ended for what it is, and can be resumed again", async () => {
    write([
      ["begun", 1, 5],
      ["settled", 1, 5],
    ]);
    const whole = await readFile(file);
    const head = whole.indexOf("\n") + 1;
    for (let length = head; length <= whole.length; length++) {
      await writeFile(file, whole.subarray(0, length));
      for (let run = 0; run < 2; run++) {
        const journal = Journal.resume(file, binding);
        const fate = journal.fate("batch", "pin", 3);
        if (length === whole.length) assert.equal(fate, "settled");
        else assert.notEqual(fate, "settled", `after ${length} bytes`);
        journal.close();
      }
    }
  });

  it("begins anew where the writing ended in the first line: nothing was sent", async () => {
    write([]);
    const head = await readFile(file);
    for (const length of [0, 1, 20, head.length - 1]) {
      await writeFile(file, head.subarray(0, length));
      Journal.resume(file, binding).close();
      assert.deepEqual(await readFile(file), head, `after ${length} bytes`);
    }
  });

  it("reads a journal that is larger than what it reads at a time", async () => {
    const spans = Array.from({ length: 5_000 }, (_, index) => [2 * index, 2 * index + 1] as const);
    write(spans.flatMap((span) => [["begun", ...span] as const, ["settled", ...span] as const]));
    const journal = Journal.resume(file, binding);
    const { size } = await stat(file);
    assert.ok(size > 4 * 65_536, `${size} bytes`);
    assert.deepEqual(fates(journal, 0, 9_999, 10_000), ["settled", "settled", "unsent"]);
    journal.close();
  });

  describe("on a disk that is full for a moment", () => {
    const { writeSync } = fs;

    afterEach(() => {
      mock.restoreAll();
    });

    /** Lets each write take as many bytes as told; none is an error. */
    function limitWrites(roomFor: (bytes: number) => number): void {
      mock.method(fs, "writeSync", (descriptor: number, bytes: Buffer, offset: number) => {
        const room = roomFor(bytes.length - offset);
        if (room === 0) throw new Error("ENOSPC: no space left on device, write");
        return writeSync(descriptor, bytes, offset, room);
      });
    }

    it("writes the rest of a line of which a part was written", () => {
      const journal = Journal.begin(file, binding);
      const log = journal.logOf("batch");
      limitWrites((bytes) => Math.min(7, bytes));
      log.begun("pin", 1, 5);
      log.settled("pin", 1, 5);
      journal.close();
      const resumed = Journal.resume(file, binding);
      assert.deepEqual(fates(resumed, 1, 5, 6), ["settled", "settled", "unsent"]);
      resumed.close();
    });

    it("ends in the line that could not be written whole, so that it can be resumed", () => {
      const journal = Journal.begin(file, binding);
      const log = journal.logOf("batch");
      log.begun("pin", 1, 5);
      log.settled("pin", 1, 5);
      let room = 10;
      limitWrites((bytes) => {
        const some = Math.min(room, bytes);
        room -= some;
        return some;
      });
      const full = /the journal cannot be written: ENOSPC/;
      assert.throws(() => {
        log.begun("pin", 6, 9);
      }, full);
      room = Infinity;
      assert.throws(() => {
        log.begun("pin", 10, 12);
      }, full);
      journal.close();
      const resumed = Journal.resume(file, binding);
      assert.deepEqual(fates(resumed, 5, 6, 10), ["settled", "unsent", "unsent"]);
      resumed.close();
    });
  });

  it("counts on what earlier runs may have sent twice", () => {
    const first = Journal.begin(file, binding);
    first.logOf("batch").doubted("pin", 20);
    first.close();
    const second = Journal.resume(file, binding);
    second.logOf("batch").doubted("geo", 3);
    second.logOf("stream").doubted("pin", 5);
    second.close();
    const third = Journal.resume(file, binding);
    assert.deepEqual(third.possibleDuplicates, { batch: 23, stream: 5 });
    third.close();
  });

  it("counts a dead letter of earlier runs once, and none that is met again", () => {
    const letter = (key: number) => ({ kind: "pin", key, reason: "refused", json: "{}" }) as const;
    const first = Journal.begin(file, binding);
    const log = first.logOf("batch");
    log.begun("pin", 1, 5);
    log.died(letter(3));
    log.begun("pin", 7, 9);
    log.died(letter(8));
    log.died(letter(8));
    log.settled("pin", 7, 9);
    log.died(letter(12));
    first.close();
    const second = Journal.resume(file, binding);
    assert.equal(second.deadLetters, 1);
    // This time the third arrives.
    second.logOf("batch").begun("pin", 1, 5);
    second.logOf("batch").settled("pin", 1, 5);
    second.logOf("batch").begun("pin", 11, 13);
    second.logOf("batch").died(letter(12));
    second.logOf("batch").settled("pin", 11, 13);
    second.close();
    const third = Journal.resume(file, binding);
    assert.equal(third.deadLetters, 2);
    third.close();
  });

  it("refuses a journal that is in use, begun anew too, and changes nothing of it", async () => {
    const journal = Journal.begin(file, binding);
    journal.logOf("batch").begun("pin", 1, 5);
    const content = await readFile(file);
    for (const open of ["begin", "resume"] as const)
      assert.throws(() => Journal[open](file, binding), /is in use by process \d+/);
    assert.deepEqual(await readFile(file), content);
    journal.close();
    Journal.resume(file, binding).close();
  });

  it("refuses the journal of another replay, naming what differs, and leaves it to that", () => {
    write([]);
    assert.throws(
      () => Journal.resume(file, { ...binding, rows: 5 }),
      /another replay.*\n {2}rows: none then, 5 now$/,
    );
    Journal.resume(file, binding).close();
  });

  it("refuses a journal that is damaged, none at all, and a file that is no journal", async () => {
    write([["begun", 1, 5]]);
    const text = await readFile(file, "utf8");
    await writeFile(file, text.replace("begun", "bogus"));
    await appendFile(file, text);
    assert.throws(() => Journal.resume(file, binding), /is damaged/);
    assert.throws(() => Journal.resume(`${file}.none`, binding), /there is no journal/);
    await writeFile(file, "hello\n");
    assert.throws(() => Journal.resume(file, binding), /or no journal/);
  });
});
