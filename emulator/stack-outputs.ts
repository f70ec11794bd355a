/** The outputs of the deployed stack, where the Pulumi CLI is installed and a stack is selected. */
import { execFile } from "node:child_process";
import { dirname } from "node:path";
import { promisify } from "node:util";

/** The outputs that the emulator takes what it is not told from: the one list of their names. */
const outputNames = [
  /** The ingest API's address, with its stage: both paths start there. */
  "invokeUrl",
  /** The API key; not there where the API wants IAM. */
  "apiKey",
  /** What the topics' and the streams' names have in common. */
  "userId",
  /** Host name of the source database. */
  "databaseAddress",
  /** Its port. */
  "databasePort",
  /** The MySQL database that holds the three tables. */
  "databaseName",
  /** The MySQL user who may read them. */
  "databaseUser",
] as const;
type OutputName = (typeof outputNames)[number];
export type StackOutputs = Readonly<Partial<Record<OutputName, string>>>;

/** What the stack told, or why it told nothing. */
export interface StackAnswer {
  readonly outputs: StackOutputs;
  /** Undefined if there was a stack to ask. */
  readonly reason: string | undefined;
}

const timeoutMilliseconds = 60_000;

/**
 * Asks the Pulumi CLI for the selected stack's outputs, secrets in the clear. Never throws: without a stack there are none.
 *
 * @param command the CLI. Default: `pulumi`, from the path.
 */
export async function readStackOutputs(command = "pulumi"): Promise<StackAnswer> {
  const args = ["stack", "output", "--json", "--show-secrets", "--non-interactive"];
  try {
    const { stdout } = await promisify(execFile)(command, args, {
      cwd: dirname(__dirname),
      timeout: timeoutMilliseconds,
    });
    const all = JSON.parse(stdout) as Record<string, unknown>;
    const known = outputNames.flatMap((name) => {
      const value = all[name];
      return typeof value === "string" || typeof value === "number" ? [[name, String(value)]] : [];
    });
    return { outputs: Object.fromEntries(known) as StackOutputs, reason: undefined };
  } catch (error) {
    return { outputs: {}, reason: reasonOf(error) };
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ("code" in error && error.code === "ENOENT") return "the pulumi CLI is not installed";
  const said = "stderr" in error && typeof error.stderr === "string" ? error.stderr.trim() : "";
  return said.split("\n")[0] || error.message;
}
