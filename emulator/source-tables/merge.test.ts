import assert from "node:assert/strict";
import type { Post, Row } from "../schema";
import { mergeByKey, type Pages } from "./merge";

/** Pages of rows that hold nothing but their key. */
async function* pages(...keys: readonly (readonly number[])[]): AsyncGenerator<readonly Row[]> {
  for (const page of keys) {
    await Promise.resolve();
    yield page.map((key) => [key]);
  }
}

async function merged(pin: Pages, geo: Pages, user: Pages): Promise<Post[]> {
  const posts: Post[] = [];
  for await (const some of mergeByKey({ pin, geo, user }, { pin: 0, geo: 0, user: 0 }))
    posts.push(...some);
  return posts;
}

describe("mergeByKey", () => {
  it("puts rows of one key together, in the order of the keys, however the pages fall", async () => {
    const posts = await merged(
      pages([-3, 1], [5, 9]),
      pages([-3], [1, 5], [9]),
      pages([-3, 1, 5, 9]),
    );
    assert.deepEqual(
      posts,
      [-3, 1, 5, 9].map((key) => ({ key, rows: { pin: [key], geo: [key], user: [key] } })),
    );
  });

  it("gives a post that a table lacks with the rows that there are", async () => {
    const posts = await merged(pages([1, 2]), pages([2, 3], [4]), pages());
    assert.deepEqual(posts, [
      { key: 1, rows: { pin: [1] } },
      { key: 2, rows: { pin: [2], geo: [2] } },
      { key: 3, rows: { geo: [3] } },
      { key: 4, rows: { geo: [4] } },
    ]);
  });

  it("gives nothing where there is nothing", async () => {
    assert.deepEqual(await merged(pages(), pages(), pages()), []);
  });

  it("ends the reading of all tables when its reader stops, and when one of them fails", async () => {
    const ended: string[] = [];
    async function* watched(name: string, fails: boolean): AsyncGenerator<readonly Row[]> {
      try {
        yield [[1]];
        await Promise.resolve();
        if (fails) throw new Error("the connection was lost");
        yield [[2]];
      } finally {
        ended.push(name);
      }
    }
    for await (const posts of mergeByKey(
      { pin: watched("pin", false), geo: watched("geo", false), user: watched("user", false) },
      { pin: 0, geo: 0, user: 0 },
    )) {
      assert.equal(posts.length, 1);
      break;
    }
    assert.deepEqual(ended.sort(), ["geo", "pin", "user"]);
    await assert.rejects(
      merged(watched("pin", false), watched("geo", true), watched("user", false)),
      /connection was lost/,
    );
  });
});
