import type { Throttle } from "./definition";

/** Takes `burstLimit` requests at once and `rateLimit` a second on average, as API Gateway does. */
export class TokenBucket {
  private tokens: number;
  private filled: number;

  constructor(
    readonly limits: Throttle,
    /** Milliseconds of a clock that never goes back. */
    private readonly now: () => number = () => performance.now(),
  ) {
    this.tokens = limits.burstLimit;
    this.filled = now();
  }

  /** Whether one more request may pass. */
  take(): boolean {
    const now = this.now();
    const { rateLimit, burstLimit } = this.limits;
    this.tokens = Math.min(burstLimit, this.tokens + ((now - this.filled) / 1_000) * rateLimit);
    this.filled = now;
    if (this.tokens < 1) return false;
    this.tokens -= 1;
    return true;
  }
}
