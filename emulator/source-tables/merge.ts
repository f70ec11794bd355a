/** Puts the rows of the three tables together to posts, by key. */
import { mapKinds, type Kind, type Post, type Row } from "../schema";

/** A kind's rows in the order of their key, page by page. */
export type Pages = AsyncIterable<readonly Row[]>;

/** Where one kind's rows have been read to. */
interface Cursor {
  readonly kind: Kind;
  readonly keyPosition: number;
  readonly pages: AsyncIterator<readonly Row[]>;
  page: readonly Row[];
  position: number;
  done: boolean;
}

/**
 * The posts in the order of their key. A post that a table lacks comes with the rows that there are.
 *
 * @param keyPosition where the key stands in each kind's rows.
 */
export async function* mergeByKey(
  pages: Record<Kind, Pages>,
  keyPosition: Record<Kind, number>,
): AsyncGenerator<readonly Post[]> {
  const cursors = Object.values(
    mapKinds((kind): Cursor => ({
      kind,
      keyPosition: keyPosition[kind],
      pages: pages[kind][Symbol.asyncIterator](),
      page: [],
      position: 0,
      done: false,
    })),
  );
  try {
    for (;;) {
      await Promise.all(cursors.filter(isUsedUp).map(turnPage));
      const open = cursors.filter((cursor) => !cursor.done);
      if (open.length === 0) return;
      const posts: Post[] = [];
      while (!open.some(isUsedUp)) posts.push(nextPost(open));
      yield posts;
    }
  } finally {
    await Promise.all(cursors.map(async (cursor) => cursor.pages.return?.()));
  }
}

function isUsedUp(cursor: Cursor): boolean {
  return !cursor.done && cursor.position >= cursor.page.length;
}

async function turnPage(cursor: Cursor): Promise<void> {
  const next = await cursor.pages.next();
  cursor.done = next.done === true;
  cursor.page = next.done === true ? [] : next.value;
  cursor.position = 0;
}

/** The post with the least key that any of the cursors stands at; they move past it. */
function nextPost(open: readonly Cursor[]): Post {
  let key = Infinity;
  for (const cursor of open) key = Math.min(key, keyAt(cursor));
  const rows: Partial<Record<Kind, Row>> = {};
  for (const cursor of open) {
    if (keyAt(cursor) !== key) continue;
    rows[cursor.kind] = cursor.page[cursor.position];
    cursor.position++;
  }
  return { key, rows };
}

function keyAt(cursor: Cursor): number {
  return Number(cursor.page[cursor.position]?.[cursor.keyPosition]);
}
