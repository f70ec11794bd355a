/** Bounds how many things go on at once. */
export class Slots {
  private taken = 0;
  private readonly waiting: (() => void)[] = [];

  /** @param count how many slots there are. */
  constructor(private readonly count: number) {}

  /** Whether a slot can be had without waiting. */
  get free(): boolean {
    return this.taken < this.count;
  }

  /** Takes a slot, at once if one is free, else as soon as one is given back, in the order of asking. */
  async take(): Promise<void> {
    if (!this.free) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.taken++;
  }

  /** Gives a slot back: to the one who waits longest, if anyone does. */
  give(): void {
    const next = this.waiting.shift();
    if (next) next();
    else this.taken--;
  }
}
