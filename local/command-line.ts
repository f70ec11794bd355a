/** How the commands of `local/` end: a clear error on standard error, and an exit code that says so. */
import { RunError } from "@pulumi/pulumi";

/** The command was called wrongly: exit code 2. */
export class UsageError extends Error {}

/** Something that the user can mend and the message explains; printed without a stack trace. */
export class ExplainedError extends Error {}

/** Runs a command's body with the process's arguments. */
export async function runCommand(
  name: string,
  body: (args: string[]) => Promise<void>,
): Promise<void> {
  try {
    await body(process.argv.slice(2));
  } catch (error) {
    process.exitCode = isUsageError(error) ? 2 : 1;
    process.stderr.write(`${name}: ${explain(error)}\n`);
  }
}

function isUsageError(error: unknown): error is Error {
  const wrongOption =
    error instanceof TypeError &&
    "code" in error &&
    String(error.code).startsWith("ERR_PARSE_ARGS");
  return error instanceof UsageError || wrongOption;
}

/** What went wrong, for a person: the stack trace only where the fault is ours. */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const explained =
    isUsageError(error) || error instanceof ExplainedError || RunError.isInstance(error);
  return explained ? error.message : (error.stack ?? error.message);
}
