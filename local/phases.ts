/** How long each phase of a run took. */
export class Phases {
  private readonly lasted: Record<string, number> = {};

  /** @param say told each phase's title as it begins */
  constructor(private readonly say: (line: string) => void) {}

  /** Runs a phase; its time counts whether it succeeds or not. */
  async run<T>(name: string, title: string, work: () => Promise<T>): Promise<T> {
    this.say(title);
    const started = performance.now();
    try {
      return await work();
    } finally {
      this.lasted[name] = Math.round(performance.now() - started) / 1_000;
    }
  }

  /** Seconds of each phase so far, in order. */
  get seconds(): Readonly<Record<string, number>> {
    return { ...this.lasted };
  }
}
