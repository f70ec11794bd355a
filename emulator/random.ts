/**
 * Random numbers that are the same for the same seed on every machine and every release of Node: xoshiro128**, seeded
 * through a hash (by David Blackman and Sebastiano Vigna, public domain, https://prng.di.unimi.it/).
 */
export class Random {
  private a: number;
  private b: number;
  private c: number;
  private d: number;

  /** @param seed all of whose parts, numbers or words, the numbers depend on. */
  constructor(...seed: readonly (number | string)[]) {
    // 64 bits of hash, so that millions of seeds keep apart.
    const text = seed.join("\u0000");
    let high = 0x811c9dc5;
    let low = 0x9e3779b9;
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      high = Math.imul(rotated(high ^ code, 13), 0x01000193);
      low = Math.imul(rotated(low ^ code, 17), 0x85ebca6b);
    }
    this.a = word(high, low, 1);
    this.b = word(high, low, 2);
    this.c = word(high, low, 3);
    this.d = word(high, low, 4);
  }

  /** A number from 0 up to, not including, 1. */
  next(): number {
    const result = Math.imul(rotated(Math.imul(this.b, 5), 7), 9) >>> 0;
    const shifted = this.b << 9;
    this.c ^= this.a;
    this.d ^= this.b;
    this.b ^= this.c;
    this.a ^= this.d;
    this.c ^= shifted;
    this.d = rotated(this.d, 11);
    return result / 2 ** 32;
  }

  /** A whole number from `least` to `most`, both included. */
  whole(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  /** Whether something of this probability happens. */
  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** One of the list. @throws if the list is empty. */
  pick<T>(list: readonly T[]): T {
    const item = list[this.whole(0, list.length - 1)];
    if (item === undefined) throw new Error("nothing can be picked from an empty list");
    return item;
  }
}

/** The nth of a sequence of well-mixed words that begins from two others. */
function word(high: number, low: number, nth: number): number {
  const step = mixed((low + Math.imul(nth, 0x7f4a7c15)) | 0);
  return mixed(((high + Math.imul(nth, 0x9e3779b9)) | 0) ^ rotated(step, 16));
}

/** Lets every bit of a word depend on every other: the finisher of MurmurHash3. */
function mixed(bits: number): number {
  let result = bits;
  result = Math.imul(result ^ (result >>> 16), 0x85ebca6b);
  result = Math.imul(result ^ (result >>> 13), 0xc2b2ae35);
  return result ^ (result >>> 16);
}

function rotated(bits: number, by: number): number {
  return (bits << by) | (bits >>> (32 - by));
}
