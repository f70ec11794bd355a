/** How the commands of `emulator/` read their options and end: a clear error on standard error, and an exit code that says so. */
import { parseArgs } from "node:util";

/** The command was called wrongly: exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** What an option takes; `boolean` takes no value. */
export type OptionTypes = Readonly<Record<string, "string" | "boolean">>;

/** The options given, by name. */
export type Options<T extends OptionTypes> = {
  readonly [name in keyof T]?: T[name] extends "boolean" ? boolean : string;
};

/**
 * Reads a command's options.
 *
 * @throws UsageError on an unknown option, a positional argument, an option without its value, or one given twice.
 */
export function readOptions<T extends OptionTypes>(types: T, args: readonly string[]): Options<T> {
  const options = Object.fromEntries(
    Object.entries(types).map(([name, type]) => [name, { type, multiple: true } as const]),
  );
  const { values } = parseOptions(options, args);
  const read = Object.entries(values).map(([name, given]) => {
    const [value, ...more] = given ?? [];
    if (more.length > 0) throw new UsageError(`--${name} is given more than once`);
    return [name, value];
  });
  return Object.fromEntries(read) as Options<T>;
}

type ParseOptions = Record<string, { type: "string" | "boolean"; multiple: true }>;

function parseOptions(options: ParseOptions, args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/**
 * A whole number given to an option.
 *
 * @throws UsageError if it is none, or out of bounds.
 */
export function wholeNumber(
  option: string,
  text: string,
  { least = 0, most = Number.MAX_SAFE_INTEGER } = {},
): number {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(number >= least && number <= most))
    throw new UsageError(
      most === Number.MAX_SAFE_INTEGER
        ? `--${option} must be a whole number of at least ${least}, not ${JSON.stringify(text)}`
        : `--${option} must be a whole number from ${least} to ${most}, not ${JSON.stringify(text)}`,
    );
  return number;
}

/**
 * A number above zero given to an option, fractions allowed.
 *
 * @throws UsageError if it is none.
 */
export function positiveNumber(option: string, text: string): number {
  const number = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (!(number > 0))
    throw new UsageError(`--${option} must be a number above 0, not ${JSON.stringify(text)}`);
  return number;
}

/**
 * One of several words given to an option.
 *
 * @throws UsageError if it is another.
 */
export function oneOf<T extends string>(option: string, text: string, words: readonly T[]): T {
  const found = words.find((word) => word === text);
  if (found === undefined)
    throw new UsageError(`--${option} must be ${words.join(" or ")}, not ${JSON.stringify(text)}`);
  return found;
}

/** Runs a command with the process's arguments: the exit code is what `body` answers, 2 if called wrongly, 1 if it fails. */
export async function runCommand(
  name: string,
  body: (args: readonly string[]) => Promise<number>,
): Promise<void> {
  try {
    process.exitCode = await body(process.argv.slice(2));
  } catch (error) {
    const wrong = error instanceof UsageError;
    process.exitCode = wrong ? 2 : 1;
    const hint = wrong ? `\nSee npm run ${name} -- --help` : "";
    process.stderr.write(
      `${name}: ${error instanceof Error ? error.message : String(error)}${hint}\n`,
    );
  }
}
