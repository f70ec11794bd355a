/** Measures both sides of a benchmark, in turns, and what their figures come to. */
import type { Bench, Measures } from "./bench";

/** What `--json` writes. */
export interface Result {
  readonly name: string;
  /** The median of the first side over that of the second. */
  readonly ratio: number;
  /** The figures of each side, in the order that they were measured. */
  readonly sides: Readonly<Record<string, readonly number[]>>;
}

export interface MeasureOptions {
  /** How often each side is measured, after a warm-up whose figure is dropped, if the benchmark has one. */
  readonly runs: number;
  /** Told each figure. */
  readonly onFigure: (side: string, figure: number, run: number | "warm-up") => void;
}

/** Measures the sides alternately: whatever else the machine does meets both of them. */
export async function measure(
  bench: Bench,
  { measure: measureOnce }: Pick<Measures, "measure">,
  { runs, onFigure }: MeasureOptions,
): Promise<Result> {
  const [first, second] = bench.sides;
  const figures: Record<string, number[]> = { [first]: [], [second]: [] };
  for (let run = bench.warmUp === false ? 1 : 0; run <= runs; run++) {
    for (const side of bench.sides) {
      const figure = await measureOnce(side);
      onFigure(side, figure, run === 0 ? "warm-up" : run);
      if (run > 0) figures[side]?.push(figure);
    }
  }
  return {
    name: bench.name,
    ratio: median(figures[first] ?? []) / median(figures[second] ?? []),
    sides: figures,
  };
}

/** The middle figure, or the mean of the middle two. @throws if there is none. */
export function median(figures: readonly number[]): number {
  const sorted = [...figures].sort((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  if (low === undefined || high === undefined) throw new Error("there is no median of no figures");
  return (low + high) / 2;
}

/** Whether the ratio is what the benchmark is to reach. */
export function reaches({ goal }: Pick<Bench, "goal">, ratio: number): boolean {
  return "atLeast" in goal ? ratio >= goal.atLeast : ratio <= goal.atMost;
}
