import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generate } from "../generated";
import { kinds, mapKinds, tables, type Kind, type Row } from "../schema";
import { checkSource, readSource, SourceRefused } from ".";
import { fileOf } from "./format";
import { writeSource } from "./write";

const headers = mapKinds((kind) => tables[kind].columns.map(({ name }) => name).join(","));
const lines: Readonly<Record<Kind, string>> = {
  pin: "7528,fbe53c66,No Title,Desc,User Info Error,437,tags,image,src,0,Local save in /data/x,mens-fashion",
  geo: "7528,2020-08-28 03:52:47,-89.9787,-173.293,Albania",
  user: "7528,Abigail,Ali,20,2015-10-24 11:23:51",
};

describe("a source folder", () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "source-files-"));
    for (const kind of kinds) await put(kind, `${headers[kind]}\n${lines[kind]}\n`);
  });

  afterEach(() => rm(directory, { recursive: true }));

  function put(kind: Kind, content: string | Buffer): Promise<void> {
    return writeFile(join(directory, fileOf(kind)), content);
  }

  /** The faults that the folder is refused for, one a line. */
  async function faults(): Promise<string[]> {
    const refusal = await checkSource(directory).then(
      () => assert.fail("it was not refused"),
      (error: unknown) => error,
    );
    assert.ok(refusal instanceof SourceRefused);
    return refusal.message
      .split("\n")
      .slice(1)
      .map((line) => line.trim());
  }

  async function rowsOf(kind: Kind): Promise<Row[]> {
    await checkSource(directory);
    const rows: Row[] = [];
    for await (const post of readSource(directory)) {
      const row = post.rows[kind];
      if (row) rows.push(row);
    }
    return rows;
  }

  it("is read whole: every row of what was written comes back", async () => {
    const posts = [...generate({ rows: 300, seed: 3 })];
    await writeSource(posts, directory, { replace: true });
    assert.deepEqual(await checkSource(directory), { pin: 300, geo: 300, user: 300 });
    for (const kind of kinds)
      assert.deepEqual(
        await rowsOf(kind),
        posts.map(({ rows }) => rows[kind]),
      );
  });

  it("may have a byte order mark, CRLF, no last line end, columns in any order, and rows in any", async () => {
    await put(
      "user",
      '\uFEFF"age",ind,date_joined,last_name,first_name\r\n-1,9,2015-10-24T11:23:51.25,Ali,"Ab""i"\r\n\\N,-8,\\N,\\N,\\N',
    );
    assert.deepEqual(await rowsOf("user"), [
      [9, 'Ab"i', "Ali", -1, "2015-10-24 11:23:51.25"],
      [-8, null, null, null, null],
    ]);
  });

  it("may have no rows, and different rows in each file", async () => {
    await put("geo", headers.geo);
    await put("user", `${headers.user}\n1,a,b,1,\\N\n2,a,b,1,\\N\n`);
    assert.deepEqual(await checkSource(directory), { pin: 1, geo: 0, user: 2 });
  });

  it("is never refused for what its text says", async () => {
    const texts = [
      "",
      "  ",
      'a "quoted", text',
      "two\nlines\r\nand\rmore",
      "😍 e\u0301 \u202e",
      "\u0000\u0001\u001b\u007f",
      String.raw`\n \\N C:\temp`,
      "NULL",
      "x".repeat(300_000),
      "'; DROP TABLE pinterest_data; --",
      "\uFEFFmark",
    ];
    const records = texts.map((text, key) => `${key},"${text.replaceAll('"', '""')}",b,1,\\N`);
    await put("user", [headers.user, ...records].join("\r\n"));
    assert.deepEqual(
      (await rowsOf("user")).map((row) => row[1]),
      texts,
    );
  });

  it("takes every form of a number within range, and every datetime that exists", async () => {
    const rows = [
      ["-2147483648", "2020-02-29 23:59:59", "1e3", "-.5", "a"],
      ["+2147483647", "0001-01-01 00:00:00.000001", "5.", "-0.0", "a"],
      ["007", "2000-02-29T00:00:00", "1.7976931348623157E308", "4.9e-324", "a"],
    ];
    await put("geo", [headers.geo, ...rows.map((row) => row.join(","))].join("\n"));
    assert.deepEqual(await rowsOf("geo"), [
      [-2147483648, "2020-02-29 23:59:59", 1000, -0.5, "a"],
      [2147483647, "0001-01-01 00:00:00.000001", 5, -0, "a"],
      [7, "2000-02-29 00:00:00", Number.MAX_VALUE, Number.MIN_VALUE, "a"],
    ]);
  });

  it("is refused if a file is missing or empty", async () => {
    await rm(join(directory, fileOf("pin")));
    await put("user", "");
    const [missing, empty, ...more] = await faults();
    assert.match(missing ?? "", /^pinterest_data\.csv: the file is missing/);
    assert.match(empty ?? "", /^user_data\.csv, line 1: the file is empty: it needs the header/);
    assert.deepEqual(more, []);
  });

  it("is refused if a column is missing, unknown or repeated", async () => {
    await put("user", "ind,first_name,first_name,Age,date_joined\n1,a,b,1,\\N");
    const found = await faults();
    assert.equal(found.length, 4);
    assert.match(found[0] ?? "", /^user_data\.csv, line 1, column first_name: .* stands twice/);
    assert.match(found[1] ?? "", /^user_data\.csv, line 1: "Age" is no column/);
    assert.match(found[2] ?? "", /line 1, column last_name: the column is missing/);
    assert.match(found[3] ?? "", /line 1, column age: the column is missing/);
  });

  /** Rows of `user_data.csv` that are refused: what stands below the header, and the fault. */
  const refused: Readonly<Record<string, readonly [string | Buffer, RegExp]>> = {
    "too few fields": [
      "1,a,b,1",
      /^user_data\.csv, line 2: the line has 4 fields where the header has 5/,
    ],
    "too many fields": ["1,a,b,c,1,\\N", /line 2: the line has 6 fields where .* in quotes/],
    "an empty line": ["1,a,b,1,\\N\n\n2,a,b,1,\\N", /line 3: the line is empty/],
    "an unclosed quote": [
      '1,a,b,1,\\N\n2,"a,b,1,\\N\n3,a,b,1,\\N\n',
      /line 3, column first_name: .* never closed/,
    ],
    "an unclosed quote before the rest of a large file": [
      `1,a,b,1,\\N\n2,"a,b,1,\\N\n${"3,a,b,1,\\N\n".repeat(1_700_000)}`,
      /^user_data\.csv, line 3, column first_name: .* more than 16777216 bytes: close the quote/,
    ],
    "text after a quote": ['1,a,"b"c,1,\\N', /line 2, column last_name: something stands between/],
    "a quote within a bare field": [
      '1,a,b"c",1,\\N',
      /line 2, column last_name: a quote stands within/,
    ],
    "invalid UTF-8": [
      Buffer.from("1,\xff,b,1,\\N", "latin1"),
      /line 2, column first_name: .* UTF-8/,
    ],
    "a key that is none": ["x1,a,b,1,\\N", /line 2, column ind: "x1" is no whole number/],
    "an empty key": [",a,b,1,\\N", /line 2, column ind: "" is no whole number/],
    "a null key": ["\\N,a,b,1,\\N", /line 2, column ind: the key is null/],
    "a key out of range": [
      "2147483648,a,b,1,\\N",
      /line 2, column ind: "2147483648" is out of range/,
    ],
    "a key with a fraction": ["1.0,a,b,1,\\N", /line 2, column ind: "1.0" is no whole number/],
    "a key that stands twice": [
      '1,"a\r\nb\nc",b,1,\\N\n2,a,b,1,\\N\n01,a,b,1,\\N',
      /line 6, column ind: 1 stands already on line 2/,
    ],
    "a number that is none": [
      "1,a,b,twenty,\\N",
      /line 2, column age: "twenty" is no whole number: .* null/,
    ],
    "a number with a space": ["1,a,b, 20,\\N", /line 2, column age: " 20" is no whole number/],
    "a datetime that is none": [
      "1,a,b,1,24/10/2015",
      /line 2, column date_joined: "24\/10\/2015" is no datetime/,
    ],
    "a datetime with a zone": [
      "1,a,b,1,2015-10-24T11:23:51Z",
      /line 2, column date_joined: .* is no datetime/,
    ],
    "a day that does not exist": [
      "1,a,b,1,2015-02-29 00:00:00",
      /column date_joined: .* that exists/,
    ],
    "a month that does not exist": [
      "1,a,b,1,2015-13-01 00:00:00",
      /column date_joined: .* that exists/,
    ],
    "an hour that does not exist": [
      "1,a,b,1,2015-12-01 24:00:00",
      /column date_joined: .* that exists/,
    ],
  };
  for (const [name, [below, fault]] of Object.entries(refused))
    it(`is refused for ${name}, naming file, line and column`, async () => {
      await put("user", Buffer.concat([Buffer.from(`${headers.user}\n`), Buffer.from(below)]));
      const [first, ...more] = await faults();
      assert.match(first ?? "", fault);
      assert.deepEqual(more, []);
    });

  for (const text of ["1e309", "-1e309", "NaN", "Infinity", "0x10", "1,5", "1_000", ""])
    it(`is refused for the double ${JSON.stringify(text)}`, async () => {
      await put("geo", `${headers.geo}\n1,\\N,"${text}",0,a`);
      assert.match((await faults())[0] ?? "", /^geolocation_data\.csv, line 2, column latitude:/);
    });

  it("tells all the faults of all files, up to ten of each", async () => {
    await put("user", `${headers.user}\n${"x,a,b,y,\\N\n".repeat(50)}`);
    await put("geo", `${headers.geo}\n1,then,0,0,a`);
    const found = await faults();
    assert.equal(found.length, 1 + 10 + 1);
    assert.match(found[0] ?? "", /^geolocation_data\.csv, line 2, column timestamp/);
    assert.match(found[10] ?? "", /^user_data\.csv, line 6, column age/);
    assert.match(found[11] ?? "", /the lines after 6 were not checked/);
  });

  it("is not written over unless told to", async () => {
    await assert.rejects(
      writeSource(generate({ rows: 1 }), directory),
      /pinterest_data\.csv exists/,
    );
  });
});
