/** `npm run emulate`: posts the rows of the source database to the ingest API. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import {
  apiKeyAuthorization,
  iamAuthorization,
  regionOf,
  type Authorization,
} from "./authorization";
import {
  oneOf,
  positiveNumber,
  readOptions,
  runCommand,
  UsageError,
  wholeNumber,
  type OptionTypes,
  type Options,
} from "./command-line";
import { batchLimits } from "./batch-api";
import { databaseFromUrl, nameOf, type Database } from "./database";
import { appendDeadLetter } from "./dead-letters";
import {
  defaultSettings,
  emulate,
  deadLettersIn,
  isSettled,
  type CountsByKind,
  type EmulateOptions,
  type PathSummary,
  type Progress,
  type Summary,
} from "./emulation";
import { Journal, type Binding } from "./journal";
import type { Path } from "./paths";
import { progressDisplay } from "./progress";
import { kinds, tables } from "./schema";
import { readStackOutputs, type StackOutputs } from "./stack-outputs";
import { streamLimits } from "./stream-api";

/** The paths that each `--target` stands for. */
const pathsOf = { batch: ["batch"], stream: ["stream"], both: ["batch", "stream"] } as const;
type TargetName = keyof typeof pathsOf;

/** More records in one request bring nothing more, where the target itself sets no bound. */
const mostBatchRecords = 10_000;

/** Below the folder in which the command is called; git does not see it. */
const stateFolder = ".local/emulate";

const help = `Usage: npm run emulate -- [options]

Reads the posts of the source database and posts them to the ingest API, as users' posts would reach it.

Where from and whereto; what is not given is taken from the outputs of the selected Pulumi stack, where there is one:
  --source URL              the database, as mysql://user@host:3306/pinterest_data
                            (its password: environment variable DATABASE_PASSWORD, or in the URL)
  --target batch|stream|both
                            batch: Kafka's topics <ID>.pin, <ID>.geo, <ID>.user (default);
                            stream: Kinesis's streams streaming-<ID>-pin, -geo, -user;
                            both: each post to both, read once; the slower of them sets the pace
  --api URL                 the API's invoke URL with its stage; for batch alone a REST proxy's address will do
  --user-id ID              what the topics' and the streams' names have in common
  --authorization KIND      apiKey: send the API key in environment variable API_KEY, if there is one (default);
                            iam: sign with the AWS identity of the environment, profile or role
  --region REGION           of an API with IAM (default: read from its address, else AWS_REGION)

What:
  --mode replay|sample      replay posts every row once, in order of the index (default); sample draws posts at random,
                            with replacement, as the original emulator does
  --rows N                  most posts (default: all in replay; no end, until Ctrl-C, in sample)
  --seed N                  of sample: the same seed draws the same posts (default: 100)
  --rate N                  posts a second, at most; the original's is about 2 (default: as fast as it goes)

Where it keeps what has become of the rows; by default in ${stateFolder}, named after source, API and options:
  --journal FILE            of replay: which rows have arrived. It survives a kill; a power failure costs its last second
  --resume                  goes on with an interrupted replay, called as it was then: what has arrived is left out. Rows
                            that were on their way may arrive twice, and are counted; cleaning keeps each once
  --dead-letters FILE       rows that can never be delivered (too large, refused for good, not to be written as JSON) are
                            appended here, a JSON object a line: path, table, key, reason, row

How, on each path by itself:
  --batch-records N         most records a request, up to ${mostBatchRecords}, with stream up to ${streamLimits.requestRecords} (default: ${defaultSettings.batchRecords})
  --batch-bytes N           most bytes of records a request, up to ${batchLimits.requestBytes}, with stream up to
                            ${streamLimits.requestBytes} (default: ${defaultSettings.batchBytes})
  --requests-in-flight N    most requests at once, fewer while the API throttles, fails or does not answer
                            (default: ${defaultSettings.requestsInFlight})
  --attempts N              how often a request is sent in vain, none of its records getting through, before it is given
                            up (default: ${defaultSettings.attempts})
  --timeout SECONDS         how long a request may take (default: 30)
  --help                    this text

Ctrl-C, SIGTERM, or the end of the terminal ends the reading, delivers what was read, and shows the summary; a second
Ctrl-C or SIGTERM ends at once.
Exit code: 0 if every row arrived wherever it was to go, 3 if every row did but for dead letters, 1 if any other did not,
2 if called wrongly, 130 after Ctrl-C.
`;

const optionTypes = {
  source: "string",
  target: "string",
  api: "string",
  "user-id": "string",
  authorization: "string",
  region: "string",
  mode: "string",
  rows: "string",
  seed: "string",
  rate: "string",
  "batch-records": "string",
  "batch-bytes": "string",
  "requests-in-flight": "string",
  attempts: "string",
  timeout: "string",
  journal: "string",
  resume: "boolean",
  "dead-letters": "string",
  help: "boolean",
} as const satisfies OptionTypes;

type Given = Options<typeof optionTypes>;

async function main(args: readonly string[]): Promise<number> {
  const given = readOptions(optionTypes, args);
  if (given.help) {
    process.stdout.write(help);
    return 0;
  }
  const how = postingOptions(given);
  const where = await whereFromAndTo(given);
  const binding = bindingOf(where, how);
  const stateFile = (kind: string) => join(stateFolder, `${digestOf(binding)}.${kind}`);
  const journalFile = given.journal ?? stateFile("journal");
  const deadLetters = given["dead-letters"] ?? stateFile("dead-letters.jsonl");
  const journal =
    how.mode === "sample"
      ? undefined
      : Journal[given.resume ? "resume" : "begin"](journalFile, binding);

  const controller = new AbortController();
  const display = progressDisplay("posts");
  const interrupt = () => {
    if (controller.signal.aborted) {
      // It has hidden the terminal's cursor.
      display.stop();
      process.exit(130);
    }
    process.stderr.write(
      "\nending: what was read is still delivered (Ctrl-C again ends at once)\n",
    );
    controller.abort();
  };
  const hangUp = () => {
    // Both the terminal and its shell may send it: the second is no wish to end at once.
    if (!controller.signal.aborted) interrupt();
  };
  process.on("SIGINT", interrupt).on("SIGTERM", interrupt).on("SIGHUP", hangUp);
  for (const stream of [process.stdout, process.stderr]) stream.on("error", passOver);
  try {
    const summary = await emulate({
      ...where,
      ...how,
      ...(journal && { journal }),
      onDeadLetter: (path, letter) => {
        appendDeadLetter(deadLetters, path, letter);
      },
      signal: controller.signal,
      onProgress: (progress) => {
        display.update({ done: progress.posts, total: progress.total, note: noteOf(progress) });
      },
    });
    display.stop();
    process.stdout.write(describe(summary, journal?.possibleDuplicates));
    const buried = deadLettersIn(summary) + (journal?.deadLetters ?? 0);
    if (buried > 0) process.stdout.write(`${buried} rows can never be delivered: ${deadLetters}\n`);
    if (journal && !isSettled(summary)) process.stdout.write(toGoOn(journalFile));
    if (summary.interrupted) return 130;
    if (!isSettled(summary)) return 1;
    return buried > 0 ? 3 : 0;
  } catch (error) {
    display.stop();
    if (journal) process.stdout.write(toGoOn(journalFile));
    throw error;
  } finally {
    process.off("SIGINT", interrupt).off("SIGTERM", interrupt).off("SIGHUP", hangUp);
    journal?.close();
  }
}

/** Of a terminal that is gone nothing is left to write to, but rows to deliver. */
function passOver(error: NodeJS.ErrnoException): void {
  if (error.code !== "EIO") throw error;
}

function toGoOn(journalFile: string): string {
  return `to go on where this ended: the same command with --resume (journal: ${journalFile})\n`;
}

/** What a journal is bound to: all that decides which rows go where. */
function bindingOf({ source, api, userId }: Where, { paths, mode, rows }: How): Binding {
  return {
    source: `${source.user}@${source.host}:${source.port ?? 3306}/${nameOf(source)}`,
    api,
    userId,
    target: paths.join("+"),
    mode: mode ?? "replay",
    rows: rows ?? null,
  };
}

function digestOf(binding: Binding): string {
  return createHash("sha256").update(JSON.stringify(binding)).digest("hex").slice(0, 12);
}

type How = Omit<EmulateOptions, keyof Where>;

function postingOptions(given: Given): How {
  const number = (option: keyof Given, bounds: { least?: number; most?: number }) => {
    const text = given[option];
    return typeof text === "string" ? wholeNumber(option, text, bounds) : undefined;
  };
  const target = oneOf("target", given.target ?? "batch", Object.keys(pathsOf) as TargetName[]);
  const mode =
    given.mode === undefined ? "replay" : oneOf("mode", given.mode, ["replay", "sample"]);
  if (mode === "replay" && given.seed !== undefined)
    throw new UsageError("--seed is of --mode sample only: replay draws nothing");
  if (mode === "sample" && (given.resume === true || given.journal !== undefined))
    throw new UsageError("--journal and --resume are of --mode replay only: sample has no end");
  const mostRecords = target === "batch" ? mostBatchRecords : streamLimits.requestRecords;
  const mostBytes = (target === "batch" ? batchLimits : streamLimits).requestBytes;
  const settings = withoutUndefined({
    mode,
    rows: number("rows", { least: 1 }),
    seed: number("seed", {}),
    rate: given.rate === undefined ? undefined : positiveNumber("rate", given.rate),
    batchRecords: number("batch-records", { least: 1, most: mostRecords }),
    batchBytes: number("batch-bytes", { least: 1, most: mostBytes }),
    requestsInFlight: number("requests-in-flight", { least: 1, most: 1000 }),
    attempts: number("attempts", { least: 1, most: 100 }),
    timeoutMilliseconds:
      given.timeout === undefined ? undefined : positiveNumber("timeout", given.timeout) * 1000,
  });
  return { paths: pathsOf[target], ...settings };
}

type WithoutUndefined<T> = { [name in keyof T]?: Exclude<T[name], undefined> };

function withoutUndefined<T extends object>(values: T): WithoutUndefined<T> {
  const defined = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(defined) as WithoutUndefined<T>;
}

type Where = Pick<EmulateOptions, "source" | "api" | "userId" | "authorization">;

/** Takes what the options and the environment do not say from the stack, which is asked only if something is missing. */
async function whereFromAndTo(given: Given): Promise<Where> {
  const complete = given.source && given.api && given["user-id"];
  const { outputs, reason } = complete
    ? { outputs: {}, reason: undefined }
    : await readStackOutputs();
  const password = process.env["DATABASE_PASSWORD"];
  const source =
    given.source === undefined
      ? databaseOfStack(outputs, password)
      : databaseFromUrl(given.source, password);
  const api = given.api ?? outputs.invokeUrl;
  const userId = given["user-id"] ?? outputs.userId;
  const missing = [
    ...(source ? [] : ["--source"]),
    ...(api ? [] : ["--api"]),
    ...(userId ? [] : ["--user-id"]),
  ].join(", ");
  if (!source || !api || !userId)
    throw new UsageError(
      `${missing} must be given: the Pulumi stack does not tell (${reason ?? "it has no such output"})`,
    );
  if (!URL.canParse(api) || !/^https?:$/.test(new URL(api).protocol))
    throw new UsageError(`--api must be an http or https address, not ${JSON.stringify(api)}`);
  const authorization = authorizationOf(given, api, outputs);
  return { source, api, userId, ...(authorization && { authorization }) };
}

function databaseOfStack(
  outputs: StackOutputs,
  password: string | undefined,
): Database | undefined {
  const { databaseAddress, databasePort, databaseName, databaseUser } = outputs;
  if (databaseAddress === undefined || databaseUser === undefined) return undefined;
  return {
    host: databaseAddress,
    user: databaseUser,
    ...(databasePort !== undefined && { port: Number(databasePort) }),
    ...(databaseName !== undefined && { database: databaseName }),
    ...(password !== undefined && { password }),
  };
}

function authorizationOf(
  given: Given,
  api: string,
  outputs: StackOutputs,
): Authorization | undefined {
  const kind = oneOf("authorization", given.authorization ?? "apiKey", ["apiKey", "iam"]);
  if (kind === "iam") {
    const region = given.region ?? regionOf(api) ?? process.env["AWS_REGION"];
    if (!region) throw new UsageError("--region must be given: the API's address does not tell it");
    return iamAuthorization(region);
  }
  // The stack's key is for the stack's API only.
  const key = process.env["API_KEY"] ?? (given.api === undefined ? outputs.apiKey : undefined);
  return key ? apiKeyAuthorization(key) : undefined;
}

function noteOf({ posts, paths, seconds }: Progress): string {
  const rate = seconds > 0 ? Math.round(posts / seconds) : 0;
  const notes = Object.entries(paths).map(([path, counts]) => `${path} ${noteOfPath(counts)}`);
  return [...notes, `${rate} posts/s`].join("; ");
}

function noteOfPath(counts: CountsByKind): string {
  const sum = (name: "accepted" | "retried" | "failed") =>
    kinds.reduce((total, kind) => total + counts[kind][name], 0);
  return `${sum("accepted")} accepted, ${sum("retried")} retried, ${sum("failed")} failed`;
}

/** @param doubted rows that the runs before may have sent twice. */
function describe(summary: Summary, doubted: Partial<Record<Path, number>> = {}): string {
  const paths = Object.entries<PathSummary>(summary.paths);
  const headings = ["path", "table", "read", "accepted", "retried", "failed", "twice?"];
  const rows = paths.flatMap(([path, { counts }]) =>
    kinds.map((kind) => {
      const { read, accepted, retried, failed, possibleDuplicates } = counts[kind];
      const shown = [read, accepted, retried, failed, possibleDuplicates];
      return [path, tables[kind].name, ...shown.map(String)];
    }),
  );
  const seconds = summary.seconds.toFixed(1);
  return [
    ...[headings, ...rows].map(tableLine),
    `${summary.posts} posts in ${seconds} s, ${rateOf(summary)} posts/s`,
    ...(summary.leftOut > 0
      ? [`${summary.leftOut} of the rows read were left out: an earlier run has settled them`]
      : []),
    ...paths.flatMap(([path, { counts }]) => {
      const before = doubted[path as Path] ?? 0;
      const now = kinds.reduce((total, kind) => total + counts[kind].possibleDuplicates, 0);
      if (now + before === 0) return [];
      const which = before > 0 ? ` (${before} of them in the runs before)` : "";
      return [
        `${path}: up to ${now + before} possible duplicates, of requests whose fate is unknown${which}`,
      ];
    }),
    ...paths.flatMap(([path, { failures, stopped }]) => [
      ...failures.map(
        ({ kind, rows: count, firstKey, reason }) =>
          `${path} failed: ${count} of ${tables[kind].name} (${tables[kind].key} ${firstKey} first): ${reason}`,
      ),
      ...(stopped === undefined ? [] : [`${path} ended early: ${stopped}`]),
    ]),
    ...(summary.interrupted ? ["ended early: interrupted"] : []),
    "",
  ].join("\n");
}

/** Small ones are told to a tenth. */
function rateOf({ postsPerSecond }: Summary): string {
  return postsPerSecond.toFixed(postsPerSecond < 100 ? 1 : 0);
}

function tableLine([path = "", table = "", ...counts]: readonly string[]): string {
  return [path.padEnd(8), table.padEnd(18), ...counts.map((count) => count.padStart(10))].join("");
}

if (require.main === module) {
  // Else V8 lets garbage pile up to several times of what lives before it collects it. What it begins with, it reads at its own
  // start only: package.json has that.
  setFlagsFromString("--heap-growing-percent=20");
  void runCommand("emulate", main);
}
