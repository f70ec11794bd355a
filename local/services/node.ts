/** How the services on Node.js are started: TypeScript as it is, with room for what passes through them. */
import { pathToFileURL } from "node:url";

/**
 * Sizes of V8's heap, in MiB. What waits for an answer outlives collections of a small young generation, and a small old one that it
 * is moved to is then collected over and over: that took the REST proxy a third of its time.
 */
const heap = [
  "--max-semi-space-size=32",
  "--initial-old-space-size=96",
  "--max-old-space-size=192",
];

/**
 * V8 compiles a function that makes an object of a class without a constructor of its own, derived from a built-in one, and each time
 * throws away what it has compiled ("dependency change"), if it may leave out the call of that constructor. The Kafka client does so
 * for each batch, in the loop over its records; without end, that took the REST proxy a third of its time.
 */
const compiler = ["--no-omit-default-ctors"];

/** The command line of a program whose main module, a path, is TypeScript. */
export function nodeCommand(
  main: string,
  args: readonly string[],
): { command: string; args: string[] } {
  const tsx = pathToFileURL(require.resolve("tsx")).href;
  return {
    command: process.execPath,
    args: [...heap, ...compiler, "--import", tsx, main, ...args],
  };
}
