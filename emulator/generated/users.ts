/** Users who post: each has one name, one age, one joining date, and one place, which is no one else's. */
import { faker } from "@faker-js/faker/locale/en";
import { Random } from "../random";
import { datetimeText, secondsOf } from "./datetimes";

export interface User {
  readonly firstName: string;
  readonly lastName: string;
  readonly age: number;
  /** `YYYY-MM-DD HH:MM:SS`. */
  readonly dateJoined: string;
  readonly latitude: number;
  readonly longitude: number;
  readonly country: string;
}

/**
 * Distinct users a post among whom the poster of each post is drawn, so that about 77 % as many users as posts come up:
 * of M users, N draws meet M (1 - e^(-N/M)).
 */
const usersPerPost = 1.83;

const joinedFirst = secondsOf("2015-10-21 00:00:00");
const joinedLast = secondsOf("2017-10-18 23:59:59");
const latitudeSteps = 1_800_001;
const longitudeSteps = 360_001;

/** Shares of the age groups, from the real data, and their bounds. */
const ageGroups = [
  { share: 0.45, least: 20, most: 24 },
  { share: 0.27, least: 25, most: 35 },
  { share: 0.21, least: 36, most: 50 },
  { share: 0.07, least: 51, most: 60 },
] as const;

const definitions = faker.rawDefinitions;
const firstNames = sorted(definitions.person?.first_name?.generic);
const lastNames = sorted(definitions.person?.last_name?.generic);
const countries = sorted(definitions.location?.country);
const countriesInA = countries.filter((country) => country.startsWith("A"));

/** How many users there are to draw the posters of so many posts from. */
export function userCount(posts: number): number {
  return Math.max(1, Math.round(posts * usersPerPost));
}

/** A user by number. No two have the same place; up to 62.8 million, no two joined in the same second. */
export function userOf(seed: number | string, number: number): User {
  const random = new Random(seed, "user", number);
  const joined = joinedFirst + spread(number, 38_927_239, joinedLast - joinedFirst + 1);
  const latitudeStep = spread(number, 1_299_709, latitudeSteps);
  const round = Math.floor(number / latitudeSteps);
  const longitudeStep = spread(latitudeStep * 48_271 + round * 222_493, 1, longitudeSteps);
  return {
    firstName: early(random, firstNames),
    lastName: early(random, lastNames),
    age: ageOf(random),
    dateJoined: datetimeText(joined),
    latitude: (latitudeStep - 900_000) / 10_000,
    longitude: (longitudeStep - 180_000) / 1_000,
    country: random.chance(0.25) ? random.pick(countriesInA) : random.pick(countries),
  };
}

/** Where a number falls on a circle of `size` steps, going `stride` at a time: a different step for each up to `size`. */
function spread(number: number, stride: number, size: number): number {
  return ((number % size) * stride + 7) % size;
}

function ageOf(random: Random): number {
  let left = random.next();
  for (const { share, least, most } of ageGroups) {
    if (left < share) return random.whole(least, most);
    left -= share;
  }
  return ageGroups[3].most;
}

/** One of the list, the early ones more often: names skew to the letter A. */
function early(random: Random, list: readonly string[]): string {
  return list[Math.floor(list.length * random.next() ** 2)] ?? random.pick(list);
}

function sorted(list: readonly string[] | null | undefined): readonly string[] {
  if (!list?.length)
    throw new Error("@faker-js/faker no longer has the lists that generated users need");
  return [...new Set(list)].sort((one, other) => (one < other ? -1 : 1));
}
