/**
 * How many requests a path carries at once: additive increase, multiplicative decrease, as TCP does it. What the target has
 * trouble with halves the number, at most once for the requests that were on their way together; each success raises it by
 * its share, so that a round of successes raises it by one. It never falls below one, nor rises above what is allowed.
 */
import { setTimeout as sleep } from "node:timers/promises";

/** What a request met, as far as the pace is concerned. */
export interface Outcome {
  /** Whether the target had trouble: throttled, failed, or did not answer in time. */
  readonly troubled: boolean;
  /** How long the target asks to be left alone, in milliseconds. Default: not at all. */
  readonly retryAfterMilliseconds?: number;
}

/** What the pace reads the time from and waits by. */
export interface Clock {
  /** In milliseconds, from any moment on. */
  now(): number;
  wait(milliseconds: number): Promise<unknown>;
}

/** A target that asks for a longer pause is tried after this, in milliseconds. */
const longestPauseMilliseconds = 60_000;

const systemClock: Clock = { now: () => performance.now(), wait: (time) => sleep(time) };

export class Pace {
  private allowed: number;
  private onTheirWay = 0;
  private decreases = 0;
  private pausedUntil = -Infinity;
  private waiting: (() => void)[] = [];

  /** @param most requests at once, with which it begins. */
  constructor(
    private readonly most: number,
    private readonly clock: Clock = systemClock,
  ) {
    this.allowed = most;
  }

  /** Requests that may be on their way at once now. */
  get requests(): number {
    return Math.floor(this.allowed);
  }

  /** Waits until a request may be sent; answers what `leave` is to be given once it has met its outcome. */
  async enter(): Promise<number> {
    for (;;) {
      const pause = this.pausedUntil - this.clock.now();
      if (pause > 0) await this.clock.wait(pause);
      else if (this.onTheirWay >= this.requests)
        await new Promise<void>((resolve) => this.waiting.push(resolve));
      else break;
    }
    this.onTheirWay++;
    return this.decreases;
  }

  /** Takes note of how a request ended that had entered. */
  leave(entered: number, { troubled, retryAfterMilliseconds = 0 }: Outcome): void {
    this.onTheirWay--;
    if (!troubled) this.allowed = Math.min(this.most, this.allowed + 1 / this.allowed);
    else if (entered === this.decreases) {
      // Requests that entered before the last decrease tell of the pace before it.
      this.allowed = Math.max(1, this.allowed / 2);
      this.decreases++;
    }
    const pause = Math.min(retryAfterMilliseconds, longestPauseMilliseconds);
    if (pause > 0) this.pausedUntil = Math.max(this.pausedUntil, this.clock.now() + pause);
    const woken = this.waiting;
    this.waiting = [];
    for (const wake of woken) wake();
  }
}
