/**
 * The brief's cleaning and queries once more, in plain TypeScript over the source rows: what the end-to-end test holds the
 * pipeline's answers against. It shares nothing with the notebooks but the schema.
 */
import posts from "../../schemas/posts.json";
import type { Results } from "../results";

/** A row of the source as text, by column; null where the source has none. */
export type SourceRow = Readonly<Record<string, string | null>>;
export interface Source {
  readonly pin: readonly SourceRow[];
  readonly geo: readonly SourceRow[];
  readonly user: readonly SourceRow[];
}

interface Post {
  category?: string;
  poster?: string;
  followers?: number;
  country?: string;
  posted?: number;
  ageGroup?: AgeGroup;
  joined?: number;
  identity?: string;
}
type AgeGroup = Results["4"][number]["age_group"];

const ageGroups: readonly (readonly [AgeGroup, number, number])[] = [
  ["18-24", 18, 24],
  ["25-35", 25, 35],
  ["36-50", 36, 50],
  ["+50", 51, Infinity],
];

function present(value: string | null | undefined, column?: string): string | undefined {
  if (value === null || value === undefined || value.trim() === "") return undefined;
  const markers: readonly { name: string; missing?: string[] }[] = posts.kinds.pin.columns;
  return markers.find(({ name }) => name === column)?.missing?.includes(value) ? undefined : value;
}

function followers(text: string | undefined): number | undefined {
  const [, whole, suffix] = /^([\d.]+)([kM]?)$/.exec(text ?? "") ?? [];
  if (whole === undefined) return undefined;
  return Math.round(Number(whole) * (suffix === "k" ? 1e3 : suffix === "M" ? 1e6 : 1));
}

function year(datetime: string | undefined): number | undefined {
  return datetime === undefined ? undefined : Number(datetime.slice(0, 4));
}

/** One post for each index, its three rows joined and cleaned. */
function join({ pin, geo, user }: Source): Post[] {
  const byIndex = new Map<string, Post>();
  const at = (index: string | null | undefined): Post => {
    const key = String(index);
    const post = byIndex.get(key) ?? {};
    byIndex.set(key, post);
    return post;
  };
  for (const row of pin) {
    const post = at(row.index);
    post.category = present(row.category, "category");
    post.poster = present(row.poster_name, "poster_name");
    post.followers = followers(present(row.follower_count, "follower_count"));
  }
  for (const row of geo) {
    const post = at(row.ind);
    post.country = present(row.country);
    post.posted = year(present(row.timestamp));
  }
  for (const row of user) {
    const post = at(row.ind);
    const age = present(row.age);
    post.ageGroup = ageGroups.find(
      ([, least, most]) => age !== undefined && Number(age) >= least && Number(age) <= most,
    )?.[0];
    post.joined = year(present(row.date_joined));
    const identity = [row.first_name, row.last_name, row.age, row.date_joined].map((value) =>
      present(value),
    );
    post.identity = identity.includes(undefined) ? undefined : JSON.stringify(identity);
  }
  return [...byIndex.values()];
}

type Value = string | number;

/** Rows grouped by the values of some columns; a row with one missing is in no group. */
function group<Row, K extends keyof Row>(
  rows: readonly Row[],
  ...columns: K[]
): { key: { [C in K]-?: NonNullable<Row[C]> }; rows: Row[] }[] {
  const groups = new Map<string, { key: { [C in K]-?: NonNullable<Row[C]> }; rows: Row[] }>();
  for (const row of rows) {
    if (columns.some((column) => row[column] === undefined)) continue;
    const key = Object.fromEntries(columns.map((column) => [column, row[column]])) as {
      [C in K]-?: NonNullable<Row[C]>;
    };
    const text = JSON.stringify(key);
    const found = groups.get(text);
    if (found) found.rows.push(row);
    else groups.set(text, { key, rows: [row] });
  }
  return [...groups.values()];
}

/** The rows that have the greatest value in their group; all that tie. */
function greatest<Row>(
  rows: readonly Row[],
  of: (row: Row) => Value,
  value: (row: Row) => number,
): Row[] {
  return rows.filter((row) =>
    rows.every((other) => of(other) !== of(row) || value(other) <= value(row)),
  );
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length / 2;
  const at = (index: number) => sorted[index] ?? Number.NaN;
  return Number.isInteger(middle) ? (at(middle - 1) + at(middle)) / 2 : at(Math.floor(middle));
}

/** Sorted by columns from the left: numbers by size, text by its UTF-8 bytes, age groups in the brief's order; repeated rows once. */
function sorted<Row extends Record<string, Value>>(rows: readonly Row[]): Row[] {
  const distinct = [...new Map(rows.map((row) => [JSON.stringify(row), row])).values()];
  const order = (name: string, value: Value) =>
    name === "age_group" ? ageGroups.findIndex(([label]) => label === value) : value;
  return distinct.sort((one, other) => {
    for (const name of Object.keys(one)) {
      const [left, right] = [order(name, one[name] ?? ""), order(name, other[name] ?? "")];
      const difference =
        typeof left === "number" && typeof right === "number"
          ? left - right
          : Buffer.compare(Buffer.from(String(left)), Buffer.from(String(right)));
      if (difference !== 0) return difference;
    }
    return 0;
  });
}

/** What the queries must answer for a source. */
export function expectedResults(source: Source): Results {
  const all = join(source);
  const within = (value: number | undefined, first: number, last: number) =>
    value !== undefined && value >= first && value <= last;
  const posted = all.filter((post) => within(post.posted, 2018, 2022));
  const joined = all.filter((post) => within(post.joined, 2015, 2020));
  const measured = (posts: readonly Post[]) => posts.filter((post) => post.followers !== undefined);
  const median = (posts: readonly Post[]) =>
    medianOf(posts.map((post) => post.followers ?? Number.NaN));

  const byCountry = group(all, "country", "category").map(({ key, rows }) => ({
    country: key.country,
    category: key.category,
    category_count: rows.length,
  }));
  const byYear = group(posted, "posted", "category").map(({ key, rows }) => ({
    post_year: key.posted,
    category: key.category,
    category_count: rows.length,
  }));
  const posters = group(all, "country", "poster", "followers").map(({ key }) => ({
    country: key.country,
    poster_name: key.poster,
    follower_count: key.followers,
  }));
  const byAge = group(all, "ageGroup", "category").map(({ key, rows }) => ({
    age_group: key.ageGroup,
    category: key.category,
    category_count: rows.length,
  }));
  const most = greatest(
    posters,
    (row) => row.country,
    (row) => row.follower_count,
  );
  return {
    "1": sorted(
      greatest(
        byCountry,
        (row) => row.country,
        (row) => row.category_count,
      ),
    ),
    "2": sorted(byYear),
    "2_top": sorted(
      greatest(
        byYear,
        (row) => row.post_year,
        (row) => row.category_count,
      ),
    ),
    "3a": sorted(most),
    "3b": sorted(
      greatest(
        most,
        () => "all",
        (row) => row.follower_count,
      ).map(({ country, follower_count }) => ({
        country,
        follower_count,
      })),
    ),
    "4": sorted(
      greatest(
        byAge,
        (row) => row.age_group,
        (row) => row.category_count,
      ),
    ),
    "5": sorted(
      group(measured(all), "ageGroup").map(({ key, rows }) => ({
        age_group: key.ageGroup,
        median_follower_count: median(rows),
      })),
    ),
    "6": sorted(
      group(joined, "joined").flatMap(({ key, rows }) => {
        const users = new Set(rows.flatMap((post) => post.identity ?? []));
        return users.size > 0 ? [{ post_year: key.joined, number_users_joined: users.size }] : [];
      }),
    ),
    "7": sorted(
      group(measured(joined), "joined").map(({ key, rows }) => ({
        post_year: key.joined,
        median_follower_count: median(rows),
      })),
    ),
    "8": sorted(
      group(measured(all), "ageGroup", "joined").map(({ key, rows }) => ({
        age_group: key.ageGroup,
        post_year: key.joined,
        median_follower_count: median(rows),
      })),
    ),
  };
}
