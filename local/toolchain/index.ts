/**
 * What the local target and the tests have installed once, under `.local/toolchain/`: a Python environment, class paths
 * from Maven, MariaDB, and the sink plugin. A part is made again only when its lock, POM or source files change.
 */
import path from "node:path";
import type { AirflowVersion } from "../../components/orchestration/dag-files";
import { Processes } from "../processes";
import { airflowFolder, airflowLock, airflowPart } from "./airflow";
import { confluentPlugins } from "./plugins";
import { makeJars, makeSinkPlugin, mariadbFolder, mariadbSystem } from "./maven";
import { isMade, makePart, type Part } from "./part";
import { findJava, findMaven, findPython } from "./prerequisites";
import { executableOf, installer, makePython, unpackedPysparkOnly, variant } from "./python";

/** What is installed: absolute paths. */
export interface Toolchain {
  /** The Java executable, 17 or newer. */
  readonly java: string;
  /** The Python of the environment with PySpark, Delta, MiniStack, minilake and the test tools. */
  readonly python: string;
  /** Folders of jars, each a whole class path. */
  readonly jars: {
    /** Kafka's broker and its command line tools. */
    readonly kafka: string;
    /** Kafka Connect's distributed worker and its JSON converter. */
    readonly connect: string;
    /** What Spark needs besides PySpark's own jars: Delta, hadoop-aws and its AWS SDK modules. */
    readonly spark: string;
  };
  /** For Connect's `plugin.path`: the folder with the S3 sink, and whether it is our own and not Confluent's. */
  readonly plugins: { readonly directory: string; readonly own: boolean };
  /** MariaDB's base folder, with `bin/` and `share/`. */
  readonly mariadb: string;
}

const local = path.join(__dirname, "..");

/** Where the toolchain is installed by default. */
export const toolchainDirectory = path.join(local, "..", ".local", "toolchain");

export interface InstallOptions {
  /** Default `.local/toolchain` of this repository. */
  readonly directory?: string;
  /** Told a line of progress now and then. Default: nobody. */
  readonly onProgress?: (line: string) => void;
  /** Ends the installing when it aborts; what is half made is made anew the next time. */
  readonly signal?: AbortSignal;
}

/**
 * Installs what is missing; with everything there it takes well under a second and needs no network.
 *
 * @throws MissingPrerequisite if Java, Maven or Python is missing; Error with the end of the log where a step fails;
 *   the signal's reason if it aborts.
 */
export async function installToolchain(options: InstallOptions = {}): Promise<Toolchain> {
  const { directory = toolchainDirectory } = options;
  const within = (name: string) => path.join(directory, name);
  const jars = {
    kafka: within("kafka"),
    connect: within("connect"),
    spark: within("spark"),
  };
  const lock = path.join(local, "python", "requirements.txt");
  const poms = path.join(local, "jars");
  const checksums = path.join(poms, "checksums.txt");
  const pluginSource = path.join(local, "sink-plugin");
  const java = await findJava();

  const python: Step = {
    part: {
      name: "python",
      title: "Python environment",
      sources: [lock, installer],
      variant,
      products: [within("python")],
      needs: [executableOf(within("python"))],
    },
    make: async (processes) => {
      await makePython(processes, await findPython(), lock, within("python"));
      await unpackedPysparkOnly(processes, executableOf(within("python")));
    },
  };
  const classPaths: Step = {
    part: {
      name: "jars",
      title: "jars of Kafka, Connect and Spark, and MariaDB",
      sources: [poms],
      variant: mariadbSystem(),
      products: [...Object.values(jars), within("mariadb")],
    },
    make: async (processes) =>
      makeJars(processes, await findMaven(java), poms, directory, checksums),
  };
  const sinkPlugin: Step = {
    part: {
      name: "sink-plugin",
      title: "S3 sink plugin",
      sources: [pluginSource, path.join(poms, "pom.xml"), checksums],
      products: [within("plugins")],
    },
    make: async (processes) =>
      makeSinkPlugin(processes, await findMaven(java), pluginSource, directory, checksums),
  };

  // Maven's two one after the other, since they share its local repository; Python beside them.
  await install(directory, [[python], [classPaths, sinkPlugin]], options);
  const confluent = await confluentPlugins(path.join(local, "plugins"));
  return {
    java,
    python: executableOf(within("python")),
    jars,
    plugins: confluent
      ? { directory: confluent, own: false }
      : { directory: within("plugins"), own: true },
    mariadb: await mariadbFolder(within("mariadb")),
  };
}

/**
 * Installs Airflow of a version, beside everything else.
 *
 * @returns the Python of its environment.
 * @throws as `installToolchain` does.
 */
export async function installAirflow(
  version: AirflowVersion,
  options: InstallOptions = {},
): Promise<string> {
  const { directory = toolchainDirectory } = options;
  const folder = airflowFolder(directory, version);
  const step: Step = {
    part: airflowPart(directory, version),
    make: async (processes) =>
      makePython(processes, await findPython(), airflowLock(version), folder),
  };
  await install(directory, [[step]], options);
  return executableOf(folder);
}

interface Step {
  readonly part: Part;
  readonly make: (processes: Processes) => Promise<void>;
}

async function install(
  directory: string,
  lanes: readonly (readonly Step[])[],
  { onProgress = () => undefined, signal }: InstallOptions,
): Promise<void> {
  signal?.throwIfAborted();
  const missing = await Promise.all(
    lanes.map(async (steps) => {
      const made = await Promise.all(steps.map(({ part }) => isMade(directory, part)));
      return steps.filter((_, index) => !made[index]);
    }),
  );
  if (missing.every((steps) => steps.length === 0)) return;
  const processes = await Processes.open(directory);
  try {
    await processes.guard(
      Promise.all(
        missing.map(async (steps) => {
          for (const { part, make } of steps)
            await told(part.title, onProgress, () =>
              makePart(directory, part, () => make(processes)),
            );
        }),
      ),
      signal,
    );
  } finally {
    await processes.stop();
  }
}

/** Tells when `work` begins, every ten seconds while it goes on, and when it is done. */
async function told(
  title: string,
  onProgress: (line: string) => void,
  work: () => Promise<void>,
): Promise<void> {
  const begun = Date.now();
  const seconds = () => Math.round((Date.now() - begun) / 1_000);
  onProgress(`${title}: installing`);
  const reminder = setInterval(() => {
    onProgress(`${title}: still installing (${seconds()} s)`);
  }, 10_000);
  try {
    await work();
  } finally {
    clearInterval(reminder);
  }
  onProgress(`${title}: installed in ${seconds()} s`);
}
