/**
 * Random numbers that are the same for the same seed on every machine and every release of Node: xoshiro128**, seeded
 * through a hash (by David Blackman and Sebastiano Vigna, public domain, https://prng.di.unimi.it/).
 */

/** A source of random numbers. */
export interface Random {
  /** A number from 0 up to, not including, 1. */
  next(): number;
  /** A whole number from `least` to `most`, both included. */
  whole(least: number, most: number): number;
  /** Whether something of this probability happens. */
  chance(probability: number): boolean;
  /** One of the list. @throws if the list is empty. */
  pick<T>(list: readonly T[]): T;
}

/** Random numbers that depend on all the parts of the seed; each part is a number or a word. */
export function randomFrom(...seed: readonly (number | string)[]): Random {
  const hash = hasher(seed.join("\u0000"));
  let a = hash();
  let b = hash();
  let c = hash();
  let d = hash();

  const next = (): number => {
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotate(d, 11);
    return result / 2 ** 32;
  };
  const whole = (least: number, most: number): number =>
    least + Math.floor(next() * (most - least + 1));
  return {
    next,
    whole,
    chance: (probability) => next() < probability,
    pick: (list) => {
      const item = list[whole(0, list.length - 1)];
      if (item === undefined) throw new Error("nothing can be picked from an empty list");
      return item;
    },
  };
}

/** Turns a text into a sequence of well-mixed words, from 64 bits of hash, so that millions of seeds keep apart. */
function hasher(text: string): () => number {
  let high = 0x811c9dc5;
  let low = 0x9e3779b9;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    high = Math.imul(rotate(high ^ code, 13), 0x01000193);
    low = Math.imul(rotate(low ^ code, 17), 0x85ebca6b);
  }
  return () => {
    high = (high + 0x9e3779b9) | 0;
    low = (low + 0x7f4a7c15) | 0;
    return mixed(high ^ rotate(mixed(low), 16));
  };
}

/** Lets every bit of a word depend on every other: the finisher of MurmurHash3. */
function mixed(word: number): number {
  let result = word;
  result = Math.imul(result ^ (result >>> 16), 0x85ebca6b);
  result = Math.imul(result ^ (result >>> 13), 0xc2b2ae35);
  return result ^ (result >>> 16);
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
