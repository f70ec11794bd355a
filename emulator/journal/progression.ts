/** What a journal's lines say of one kind's rows on one path, whose keys were taken in ascending order. */

/** What became of a row: it arrived or is a dead letter; it may have arrived; it was not sent. */
export type Fate = "settled" | "unknown" | "unsent";

interface Span {
  readonly first: number;
  last: number;
  settled: boolean;
}

/**
 * Keeps how far everything is settled, and apart from that only spans of keys beyond. Neighbours that are settled become one, so
 * that there are about as many as there were requests on their way, and requests given up.
 */
export class Progression {
  /** Every row up to this key is settled; -Infinity if none is. */
  settledTo = -Infinity;

  /** Spans of the run that is being read, in the order in which they were begun. */
  private open: Span[] = [];
  /** What earlier runs left beyond `settledTo`. */
  private left: Span[] = [];
  /** Keys of the dead letters: among what the runs that have ended settled, and of the run that is being read. */
  private readonly dead = new Set<number>();

  /** Dead letters that no later run meets again. */
  get deadLetters(): number {
    return this.dead.size;
  }

  begun(first: number, last: number): void {
    this.open.push({ first, last, settled: false });
  }

  settled(first: number, last: number): void {
    const index = this.open.findLastIndex((span) => span.first === first && span.last === last);
    const span = this.open[index];
    if (!span) return;
    span.settled = true;
    this.join(index + 1);
    this.join(index);
    for (let head = this.open[0]; head?.settled; head = this.open[0]) {
      this.settledTo = Math.max(this.settledTo, head.last);
      this.open.shift();
    }
  }

  died(key: number): void {
    this.dead.add(key);
  }

  /** The run that was read so far has ended; another begins with the first row that is not settled. */
  ended(): void {
    this.left = [...this.left, ...this.open].filter(({ last }) => last > this.settledTo);
    this.open = [];
    // The next run meets these again, and they may arrive then.
    for (const key of this.dead) if (this.fate(key) !== "settled") this.dead.delete(key);
  }

  /** What became of a row in the runs that have ended. */
  fate(key: number): Fate {
    if (key <= this.settledTo) return "settled";
    const spans = this.left.filter(({ first, last }) => first <= key && key <= last);
    if (spans.some(({ settled }) => settled)) return "settled";
    return spans.length > 0 ? "unknown" : "unsent";
  }

  /** Makes one span of a settled one and a settled one before it. */
  private join(index: number): void {
    const before = this.open[index - 1];
    const span = this.open[index];
    if (!before?.settled || !span?.settled) return;
    before.last = span.last;
    this.open.splice(index, 1);
  }
}
