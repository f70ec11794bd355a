/** Posts without a database, to an ingest API of the tests. */
import { apiKeyAuthorization } from "../authorization";
import { batchApi } from "../batch-api";
import type { Counts } from "../delivery";
import { postAll, type PathSummary, type PostingOptions, type Summary } from "../emulation";
import { mapPaths, type Path } from "../paths";
import { kinds, type Kind, type Post } from "../schema";
import type { PostSource } from "../source-tables";
import { streamApi } from "../stream-api";
import { startApi, type Behaviour, type TestApi } from "./ingest-api";

/** A source of posts that are there already; `onRead` is told how many were asked for. */
export function sourceOf(
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

export interface TestPosting extends PostingOptions {
  readonly source: PostSource;
  /** Default: 5,000. */
  readonly timeoutMilliseconds?: number;
}

/** Posts a source on the given paths to an API that behaves as told, and closes it. */
export async function post<P extends Path>(
  paths: readonly P[],
  behave: Behaviour,
  { source, timeoutMilliseconds = 5_000, ...options }: TestPosting,
): Promise<{ summary: Summary<P>; api: TestApi }> {
  const api = await startApi(behave);
  const targets = mapPaths(paths, (path: Path) =>
    (path === "batch" ? batchApi : streamApi)({
      url: api.url,
      userId: "0ea7",
      authorization: apiKeyAuthorization("the-key"),
      timeoutMilliseconds,
      connections: 4,
    }),
  );
  try {
    return { summary: await postAll(source, targets, options), api };
  } finally {
    for (const path of paths) targets[path].close();
    await api.close();
  }
}

/** Where a path's rows of a kind go. */
export function placeOf(path: Path, kind: Kind): string {
  return path === "batch" ? `0ea7.${kind}` : `streaming-0ea7-${kind}`;
}

/** The keys of what has arrived there, in the order of arrival. */
export function keysAt(api: TestApi, path: Path, kind: Kind): number[] {
  return (api.taken.get(placeOf(path, kind)) ?? []).map(({ key }) => Number(key));
}

/** A count of all kinds together. */
export function sum({ counts }: PathSummary, name: keyof Counts): number {
  return kinds.reduce((total, kind) => total + counts[kind][name], 0);
}
