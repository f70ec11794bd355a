/** Which files of the repository go into the Databricks workspace, and where to. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

/** The repository that this file is in. */
export const repository = path.join(__dirname, "..", "..");

export interface WorkspaceSource {
  /** Path below the workspace folder and below the repository, with slashes, e.g. `notebooks/clean.py`. */
  readonly path: string;
  /** Where the file is, seen from the program's directory, which is also the providers': no path of this machine is in the state. */
  readonly source: string;
  /** Of its content, hexadecimal: Databricks' provider tells a changed file by it. */
  readonly md5: string;
}

export interface WorkspaceSources {
  /** Notebooks that the batch job's tasks run. */
  readonly notebooks: Readonly<Record<NotebookName, WorkspaceSource>>;
  /** What they import and read, sorted by path. */
  readonly files: readonly WorkspaceSource[];
}

export type NotebookName = "clean" | "query";

/** The notebook that the stream job runs, in a folder laid out as `workspaceSources` has it. */
export function streamNotebook(root: string): WorkspaceSource {
  return read(root, "notebooks/stream.py");
}

function read(root: string, file: string): WorkspaceSource {
  const source = path.join(root, file);
  return {
    path: file,
    source: path.relative(process.cwd(), source),
    md5: createHash("md5").update(readFileSync(source)).digest("hex"),
  };
}

const packageFolder = "notebooks/pinterest";

/** The package's modules below a folder: its tests and what Python leaves behind stay here. */
function modules(root: string, folder: string): string[] {
  return readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const below = `${folder}/${entry.name}`;
    if (entry.isDirectory())
      return ["tests", "__pycache__"].includes(entry.name) ? [] : modules(root, below);
    const isModule = entry.name.endsWith(".py") && !/^(test_.*|conftest)\.py$/.test(entry.name);
    return isModule ? [below] : [];
  });
}

/**
 * Finds the notebooks, the Python package beside them and the table schemas under `root`, a folder laid out as this
 * repository.
 *
 * @throws if one of them is missing.
 */
export function workspaceSources(root: string): WorkspaceSources {
  return {
    notebooks: { clean: read(root, "notebooks/clean.py"), query: read(root, "notebooks/query.py") },
    files: ["schemas/posts.json", ...modules(root, packageFolder)]
      .sort()
      .map((file) => read(root, file)),
  };
}
