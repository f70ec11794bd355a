/**
 * Source data of the real data's shape, of any size: categories in blocks, skewed names and countries, markers of missing
 * values in the shares of the original. Each post follows from the seed, the size and its index alone, so that the same
 * seed and size give the same posts, and none need be kept in memory.
 */
import { Random } from "../random";
import type { Post } from "../schema";
import { datetimeText, secondsOf } from "./datetimes";
import { userCount, userOf, type User } from "./users";
import { sentences, subjects, titlePatterns, type Subject } from "./words";

export interface GenerateOptions {
  /** Posts, each with one row in each of the three tables. */
  readonly rows: number;
  /** The same seed makes the same posts. Default: 100. */
  readonly seed?: number | string;
}

/** How many posts the original data has. */
export const originalRows = 11_150;
export const defaultSeed = 100;

/** What stands where a value is missing. */
const missing = {
  title: "No Title Data Available",
  description: "No description available",
  storyDescription: "No description available Story format",
  untitled: "Untitled",
  user: "User Info Error",
  tags: "N,o, ,T,a,g,s, ,A,v,a,i,l,a,b,l,e",
  image: "Image src error.",
} as const;

/** Shares of all posts, from the real data; what the original does not tell is chosen to exercise the cleaning. */
const shares = {
  multiVideo: 0.074,
  video: 0.031,
  /** Multi-video posts with no image. */
  imageMissing: 0.026,
  /** Posts of those, with the whole set of markers. */
  allMissing: 0.01,
  /** Posts whose poster alone is missing. */
  posterMissing: 0.005,
  titleMissing: 0.01,
  tagsMissing: 0.01,
  descriptionMissing: 0.03,
  untitled: 0.005,
  /** Empty or blank texts, of each column that may have them. */
  blank: 0.002,
} as const;

/** Shares of the forms of a follower count, among the posts that have one. */
const followerForms = { thousands: 0.754, plain: 0.174 } as const;

const postedFirst = secondsOf("2017-10-20 00:00:00");
const postedLast = secondsOf("2022-10-18 23:59:59");

/** Distinct accounts on Pinterest a post. */
const postersPerPost = 0.6;

/** The posts, in the order of their index, which counts from 0. */
export function* generate(options: GenerateOptions): Generator<Post> {
  const { rows, seed = defaultSeed } = options;
  const ends = blockEnds(rows, seed);
  let block = 0;
  for (let index = 0; index < rows; index++) {
    while (index >= (ends[block] ?? rows)) block++;
    const subject = subjects[block];
    if (!subject) throw new Error(`post ${index} falls in no category`);
    yield postOf(index, subject, rows, seed);
  }
}

/** The index at which each category's block ends: blocks of like, not the same, sizes, 700 to 1,000 posts in the original. */
function blockEnds(rows: number, seed: number | string): readonly number[] {
  const random = new Random(seed, "blocks");
  const weights = subjects.map(() => random.whole(760, 940));
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  let sum = 0;
  return weights.map((weight) => {
    sum += weight;
    return Math.round((rows * sum) / whole);
  });
}

function postOf(index: number, subject: Subject, rows: number, seed: number | string): Post {
  const random = new Random(seed, "post", index);
  const user = userOf(seed, random.whole(0, userCount(rows) - 1));
  return {
    key: index,
    rows: {
      pin: pinRow(index, subject, rows, seed, random),
      geo: geoRow(index, user, random),
      user: [index, user.firstName, user.lastName, user.age, user.dateJoined],
    },
  };
}

function geoRow(index: number, user: User, random: Random): (string | number)[] {
  const posted = datetimeText(random.whole(postedFirst, postedLast));
  return [index, posted, user.latitude, user.longitude, user.country];
}

function pinRow(
  index: number,
  subject: Subject,
  rows: number,
  seed: number | string,
  random: Random,
): (string | number)[] {
  const draw = random.next();
  const isMultiVideo = draw < shares.multiVideo;
  const isVideo = !isMultiVideo && draw < shares.multiVideo + shares.video;
  const lacksImage = draw < shares.imageMissing;
  const lacksAll = draw < shares.allMissing;

  const thing = random.pick(subject.things);
  const poster = posterOf(seed, random.whole(0, Math.ceil(rows * postersPerPost)));
  const lacksPoster = lacksAll || random.chance(shares.posterMissing);
  return [
    index,
    uuid(random),
    lacksAll || random.chance(shares.titleMissing)
      ? missing.title
      : orBlank(random, titleOf(random, thing)),
    isMultiVideo ? missing.storyDescription : descriptionOf(random, thing),
    lacksPoster ? missing.user : orBlank(random, poster.name),
    lacksPoster ? missing.user : poster.followers,
    lacksAll || random.chance(shares.tagsMissing)
      ? missing.tags
      : orBlank(random, several(random, subject.tags, 3, 7).join(",")),
    isMultiVideo ? "multi-video(story page format)" : isVideo ? "video" : "image",
    lacksImage ? missing.image : imageOf(random),
    lacksImage ? 0 : 1,
    `Local save in /data/${subject.category}`,
    subject.category,
  ];
}

interface Poster {
  readonly name: string;
  readonly followers: string;
}

/** An account on Pinterest, the same wherever it posts. */
function posterOf(seed: number | string, number: number): Poster {
  const random = new Random(seed, "poster", number);
  const { firstName, lastName } = userOf(seed, random.whole(0, 2 ** 31));
  const name = random.pick([
    `${firstName} ${lastName}`,
    `${firstName}${lastName}`,
    `The ${lastName} Studio`,
  ]);
  return { name, followers: followersOf(random) };
}

/** `437`, `12k` or `3M`; large counts are rarer than small ones. */
function followersOf(random: Random): string {
  const form = random.next();
  if (form < followerForms.thousands) return `${skewed(random, 1, 999)}k`;
  if (form < followerForms.thousands + followerForms.plain) return String(skewed(random, 10, 999));
  return `${skewed(random, 1, 15)}M`;
}

/** A whole number from `least` to `most`, small ones more often. */
function skewed(random: Random, least: number, most: number): number {
  return Math.floor(least * ((most + 1) / least) ** random.next());
}

function titleOf(random: Random, thing: string): string {
  return filled(random, random.pick(titlePatterns), thing);
}

function descriptionOf(random: Random, thing: string): string {
  if (random.chance(shares.descriptionMissing)) return missing.description;
  if (random.chance(shares.untitled)) return missing.untitled;
  const said = several(random, sentences, 1, 4).map((sentence) => filled(random, sentence, thing));
  return orBlank(random, said.join(random.chance(0.05) ? "\n" : " "));
}

function filled(random: Random, pattern: string, thing: string): string {
  return pattern.replace("{thing}", thing).replace("{number}", String(random.whole(3, 99)));
}

/** From `least` to `most` different items of the list, in its order, beginning anywhere. */
function several<T>(random: Random, list: readonly T[], least: number, most: number): readonly T[] {
  const first = random.whole(0, list.length - 1);
  const count = random.whole(least, Math.min(most, list.length));
  return [...list, ...list].slice(first, first + count);
}

function orBlank(random: Random, text: string): string {
  if (!random.chance(shares.blank)) return text;
  return random.chance(0.5) ? "" : "  ";
}

function imageOf(random: Random): string {
  const name = hexadecimal(random, 32);
  const folders = [name.slice(0, 2), name.slice(2, 4), name.slice(4, 6)].join("/");
  return `https://i.pinimg.com/originals/${folders}/${name}.jpg`;
}

/** A random (version 4) UUID. */
function uuid(random: Random): string {
  const digits = hexadecimal(random, 30);
  const variant = random.pick(["8", "9", "a", "b"]);
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    `4${digits.slice(12, 15)}`,
    variant + digits.slice(15, 18),
    digits.slice(18),
  ].join("-");
}

function hexadecimal(random: Random, length: number): string {
  let digits = "";
  while (digits.length < length)
    digits += random.whole(0, 0xffffffff).toString(16).padStart(8, "0");
  return digits.slice(0, length);
}
