/** Shows how far a command is: a bar on a terminal, plain lines elsewhere. */
import { Presets, SingleBar } from "cli-progress";

/** What is shown. */
export interface Shown {
  /** Things done. */
  readonly done: number;
  /** Things to do; undefined if that is not known. */
  readonly total: number | undefined;
  /** What else is worth knowing, short. */
  readonly note: string;
}

/** A progress display; `update` may be called as often as one likes. */
export interface ProgressDisplay {
  update(shown: Shown): void;
  /** Ends the display, the last update shown. */
  stop(): void;
}

/** A plain line is written this often, in milliseconds. */
const lineMilliseconds = 5_000;

/**
 * A display on the stream.
 *
 * @param unit what is counted, as a plural.
 */
export function progressDisplay(
  unit: string,
  stream: NodeJS.WriteStream = process.stderr,
): ProgressDisplay {
  return stream.isTTY ? bar(unit, stream) : lines(unit, stream);
}

function bar(unit: string, stream: NodeJS.WriteStream): ProgressDisplay {
  const withTotal = ` {bar} {percentage} % | {value}/{total} ${unit} | {note}`;
  let shownBar: SingleBar | undefined;
  let isLineOpen = false;
  return {
    update({ done, total, note }) {
      isLineOpen = total === undefined;
      if (total === undefined) {
        stream.write(`\r\u001b[K ${done} ${unit} | ${note}`);
        return;
      }
      if (!shownBar) {
        shownBar = new SingleBar(
          { format: withTotal, stream, hideCursor: true, stopOnComplete: false },
          Presets.shades_classic,
        );
        shownBar.start(total, done, { note });
      }
      shownBar.update(done, { note });
    },
    stop() {
      shownBar?.stop();
      if (isLineOpen) stream.write("\n");
    },
  };
}

function lines(unit: string, stream: NodeJS.WriteStream): ProgressDisplay {
  let latest: Shown | undefined;
  let written: Shown | undefined;
  let writtenAt = performance.now();
  const write = () => {
    if (!latest || latest === written) return;
    const { done, total, note } = latest;
    stream.write(`${done}${total === undefined ? "" : ` of ${total}`} ${unit}, ${note}\n`);
    written = latest;
    writtenAt = performance.now();
  };
  return {
    update(shown) {
      latest = shown;
      if (performance.now() - writtenAt >= lineMilliseconds) write();
    },
    stop: write,
  };
}
