import assert from "node:assert/strict";
import { tables, type Kind, type Post } from "../schema";
import { generate, originalRows } from ".";

const posts = [...generate({ rows: originalRows, seed: 5 })];

function column(kind: Kind, name: string, of: readonly Post[] = posts): (string | number | null)[] {
  const position = tables[kind].columns.findIndex((one) => one.name === name);
  assert.ok(position >= 0, name);
  return of.map(({ rows }) => rows[kind]?.[position] ?? null);
}

function text(kind: Kind, name: string): string[] {
  return column(kind, name).map(String);
}

/** The share of posts for which something holds, in percent. */
function percent(holds: readonly boolean[]): number {
  return (100 * holds.filter(Boolean).length) / holds.length;
}

/** A share of so many draws lies within four standard deviations of what is expected, else the test fails. */
function assertPercent(actual: number, expected: number, what: string): void {
  const deviation = Math.sqrt((expected * (100 - expected)) / posts.length);
  assert.ok(
    Math.abs(actual - expected) <= 4 * deviation + 0.3,
    `${what}: ${actual} %, not ${expected} %`,
  );
}

function keyOfNext(of: Iterator<Post, unknown>): number | undefined {
  const next = of.next();
  return next.done ? undefined : next.value.key;
}

describe("generated source data", () => {
  it("is the same for the same seed and size, and another for another seed", () => {
    const some = (seed: number) => [...generate({ rows: 200, seed })];
    assert.deepEqual(some(5), some(5));
    assert.notDeepEqual(some(5), some(6));
  });

  it("stays what it was: the same seed makes the same post in every release", () => {
    const [post] = generate({ rows: 10, seed: 100 });
    assert.deepEqual(post?.rows.geo, [0, "2019-06-20 01:59:58", 69.8841, 99.537, "Lithuania"]);
    assert.deepEqual(post.rows.user, [0, "Dakota", "Brekke", 24, "2016-09-29 04:29:23"]);
    assert.deepEqual(post.rows.pin?.slice(0, 3), [
      0,
      "50bdb2f0-0b24-4736-a912-eecfe6b0cf57",
      "The Best Abstract Canvas of the Year",
    ]);
  });

  it("has a row of each kind for each index, which counts from 0", () => {
    assert.equal(posts.length, originalRows);
    for (const key of ["pin", "geo", "user"] as const)
      assert.deepEqual(
        column(key, tables[key].key),
        posts.map((_, index) => index),
      );
    for (const { rows } of posts)
      for (const [kind, row] of Object.entries(rows))
        assert.equal(row.length, tables[kind as Kind].columns.length);
  });

  for (const seed of [0, 1, 2, 3])
    it(`has 13 categories in contiguous alphabetical blocks of 700 to 1,000 posts (seed ${seed})`, () => {
      const categories = column("pin", "category", [...generate({ rows: originalRows, seed })]).map(
        String,
      );
      assert.deepEqual(categories, categories.toSorted());
      const sizes = new Map<string, number>();
      for (const category of categories) sizes.set(category, (sizes.get(category) ?? 0) + 1);
      assert.deepEqual(
        [...sizes.keys()],
        [
          "art",
          "beauty",
          "christmas",
          "diy-and-crafts",
          "education",
          "event-planning",
          "finance",
          "home-decor",
          "mens-fashion",
          "quotes",
          "tattoos",
          "travel",
          "vehicles",
        ],
      );
      for (const size of sizes.values()) assert.ok(size >= 700 && size <= 1000, `${size} posts`);
    });

  it("has follower counts of the original's forms, in its shares", () => {
    const counts = text("pin", "follower_count");
    const share = (form: RegExp) => percent(counts.map((count) => form.test(count)));
    assertPercent(share(/^\d+k$/), 74, "thousands");
    assertPercent(share(/^\d+$/), 17, "plain");
    assertPercent(share(/^\d+M$/), 7, "millions");
    assertPercent(share(/^User Info Error$/), 1.5, "missing");
    const millions = counts.flatMap((count) => /^(\d+)M$/.exec(count)?.[1] ?? []).map(Number);
    assert.equal(Math.max(...millions), 15);
    assert.deepEqual(
      column("pin", "poster_name").map((name) => name === "User Info Error"),
      counts.map((count) => count === "User Info Error"),
    );
  });

  it("has the original's media, and its markers where they belong", () => {
    const media = text("pin", "is_image_or_video");
    const multi = media.map((kind) => kind === "multi-video(story page format)");
    assertPercent(percent(media.map((kind) => kind === "image")), 89.5, "images");
    assertPercent(percent(multi), 7.4, "multi-videos");
    assertPercent(percent(media.map((kind) => kind === "video")), 3, "videos");
    assert.deepEqual(
      text("pin", "description").map((one) => one === "No description available Story format"),
      multi,
    );
    const noImage = text("pin", "image_src").map((source) => source === "Image src error.");
    assert.deepEqual(
      noImage,
      column("pin", "downloaded").map((downloaded) => downloaded === 0),
    );
    assertPercent(percent(noImage), 2.6, "missing images");
    assert.ok(noImage.every((lacks, index) => !lacks || multi[index]));
    const titles = text("pin", "title");
    const tags = text("pin", "tag_list");
    const posters = text("pin", "poster_name");
    const all = noImage.map(
      (lacks, index) =>
        lacks &&
        titles[index] === "No Title Data Available" &&
        tags[index] === "N,o, ,T,a,g,s, ,A,v,a,i,l,a,b,l,e" &&
        posters[index] === "User Info Error",
    );
    assertPercent(percent(all), 1, "the whole set of markers");
    for (const marker of ["No description available", "Untitled", ""])
      assert.ok(
        text("pin", "description").includes(marker),
        `no description is ${JSON.stringify(marker)}`,
      );
    assert.ok(titles.every((title) => title.length <= 199));
    assert.equal(new Set(text("pin", "unique_id")).size, originalRows);
    assert.ok(
      text("pin", "unique_id").every((id) =>
        /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id),
      ),
    );
    assert.deepEqual(
      text("pin", "save_location"),
      text("pin", "category").map((category) => `Local save in /data/${category}`),
    );
  });

  it("has about 77 % as many users as posts, each with one place, which is no one else's", () => {
    const joined = (kind: Kind, names: readonly string[]) => {
      const columns = names.map((name) => column(kind, name));
      return posts.map((_, index) => columns.map((values) => values[index]).join("|"));
    };
    const users = joined("user", ["first_name", "last_name", "age", "date_joined"]);
    const places = joined("geo", ["latitude", "longitude"]);
    const distinct = new Set(users).size;
    assertPercent((100 * distinct) / originalRows, 77, "users");
    assert.equal(new Set(places).size, distinct);
    assert.equal(
      new Set(users.map((user, index) => `${user}|${places[index] ?? ""}`)).size,
      distinct,
    );
  });

  it("has names and countries that skew to the letter A", () => {
    const inA = (kind: Kind, name: string) =>
      percent(text(kind, name).map((one) => /^[AÅ]/.test(one)));
    assert.ok(inA("geo", "country") > 20, `${inA("geo", "country")} % of countries`);
    assert.ok(inA("user", "first_name") > 15, `${inA("user", "first_name")} % of first names`);
    assert.ok(inA("user", "last_name") > 10, `${inA("user", "last_name")} % of last names`);
  });

  it("has ages from 20 to 60 in the original's groups", () => {
    const ages = column("user", "age").map(Number);
    assert.equal(Math.min(...ages), 20);
    assert.equal(Math.max(...ages), 60);
    const share = (least: number, most: number) =>
      percent(ages.map((age) => age >= least && age <= most));
    // Users come again, so that shares of posts vary a little more than draws do.
    assertPercent(share(18, 24), 45, "18-24");
    assertPercent(share(25, 35), 27, "25-35");
    assertPercent(share(36, 50), 21, "36-50");
    assertPercent(share(51, 60), 7, "+50");
  });

  it("has users who joined, and then posted, within the original's days, at any time of day", () => {
    const within = (values: readonly string[], first: string, last: string) => {
      assert.ok(values.every((value) => /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(value)));
      const days = values.map((value) => value.slice(0, 10)).sort();
      assert.ok((days[0] ?? "") >= first && (days[0] ?? "") <= `${first.slice(0, 8)}31`, days[0]);
      assert.ok(
        (days.at(-1) ?? "") <= last && (days.at(-1) ?? "") >= `${last.slice(0, 8)}01`,
        days.at(-1),
      );
      assert.equal(new Set(values.map((value) => value.slice(11, 13))).size, 24);
    };
    within(text("user", "date_joined"), "2015-10-21", "2017-10-18");
    within(text("geo", "timestamp"), "2017-10-20", "2022-10-18");
  });

  it("has coordinates on the globe", () => {
    assert.ok(column("geo", "latitude").every((degrees) => Math.abs(Number(degrees)) <= 90));
    assert.ok(column("geo", "longitude").every((degrees) => Math.abs(Number(degrees)) <= 180));
  });

  it("is made as it is asked for: a large set's first posts cost no more than a small one's", () => {
    const large = generate({ rows: 1_000_000_000, seed: 1 });
    assert.equal(keyOfNext(large), 0);
    assert.equal(keyOfNext(large), 1);
  });
});
