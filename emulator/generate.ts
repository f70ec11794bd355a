/** `npm run generate`: makes source data of the real data's shape, in MySQL or as CSV files. */
import { readOptions, runCommand, UsageError, wholeNumber, type OptionTypes } from "./command-line";
import { databaseFromUrl } from "./database";
import { defaultSeed, generate, originalRows } from "./generated";
import { load } from "./load";
import { progressDisplay } from "./progress";
import { kinds, tables, type Kind } from "./schema";
import { writeSource } from "./source-files/write";

const help = `Usage: npm run generate -- --database URL | --out DIR [options]

Makes posts of the shape of the original data, gaps and markers of missing values included; the same for the same seed
and size.

  --database URL   loads them into MySQL, mysql://user@host:3306/pinterest_data: the database and its three tables are made
                   (its password: environment variable DATABASE_PASSWORD, or in the URL)
  --out DIR        writes them as ${kinds.map((kind) => `${tables[kind].name}.csv`).join(", ")}
  --rows N         posts, each with a row in each table (default: ${originalRows}, as the original)
  --seed N         the same seed makes the same posts (default: ${defaultSeed})
  --replace        drops what is there already; without it, existing tables or files are refused
  --help           this text

Exit code: 0 if all is there, 1 if not, 2 if called wrongly.
`;

const optionTypes = {
  database: "string",
  out: "string",
  rows: "string",
  seed: "string",
  replace: "boolean",
  help: "boolean",
} as const satisfies OptionTypes;

/** Most posts: the index is a MySQL INT. */
const mostRows = 2 ** 31 - 1;

async function main(args: readonly string[]): Promise<number> {
  const given = readOptions(optionTypes, args);
  if (given.help) {
    process.stdout.write(help);
    return 0;
  }
  if ((given.database === undefined) === (given.out === undefined))
    throw new UsageError("say either --database URL or --out DIR");
  const rows =
    given.rows === undefined
      ? originalRows
      : wholeNumber("rows", given.rows, { least: 1, most: mostRows });
  const seed = given.seed === undefined ? defaultSeed : wholeNumber("seed", given.seed);

  const display = progressDisplay("rows");
  const total = rows * kinds.length;
  const show = (done: number) => {
    display.update({ done, total, note: `seed ${seed}` });
  };
  const options = { replace: given.replace ?? false };
  const posts = generate({ rows, seed });
  let made: Record<Kind, number>;
  try {
    if (given.database !== undefined) {
      const database = databaseFromUrl(given.database, process.env["DATABASE_PASSWORD"]);
      made = await load(posts, database, { ...options, onProgress: show });
    } else made = await writeSource(posts, given.out ?? "", { ...options, onProgress: show });
  } finally {
    display.stop();
  }
  for (const kind of kinds) process.stdout.write(`${tables[kind].name}: ${made[kind]} rows\n`);
  return 0;
}

if (require.main === module) void runCommand("generate", main);
