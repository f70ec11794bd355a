/** What must be on the machine already: Java 17 or newer, Maven, Python 3.11 or newer. */
import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";

const runs = promisify(execFile);

/** Something that the toolchain needs is missing on this machine; the message says what, and what was found instead. */
export class MissingPrerequisite extends Error {
  override readonly name = "MissingPrerequisite";
}

/** What the command prints, both streams; undefined where it cannot be run or fails. */
async function printed(command: string, args: readonly string[]): Promise<string | undefined> {
  try {
    const { stdout, stderr } = await runs(command, args, { timeout: 30_000 });
    return (stdout + stderr).trim();
  } catch {
    return undefined;
  }
}

/**
 * The Java to use: that of `JAVA_HOME`, else the one on the path.
 *
 * @throws MissingPrerequisite if it is older than 17, or none is there.
 */
export async function findJava(environment: NodeJS.ProcessEnv = process.env): Promise<string> {
  const home = environment.JAVA_HOME;
  const command = home ? path.join(home, "bin", "java") : "java";
  const settings = await printed(command, ["-XshowSettings:properties", "-version"]);
  const version = /java\.specification\.version = (\S+)/.exec(settings ?? "")?.[1];
  const found = /java\.home = (.+)/.exec(settings ?? "")?.[1];
  if (!version || !found)
    throw new MissingPrerequisite(
      `Java 17 or newer is needed (a JDK); ${command} cannot be run. Install one, or set JAVA_HOME.`,
    );
  if (!(Number(version) >= 17))
    throw new MissingPrerequisite(
      `Java 17 or newer is needed; ${command} is Java ${version}. Install one, or set JAVA_HOME.`,
    );
  return path.join(found.trim(), "bin", "java");
}

/**
 * The Maven to use, with a Java compiler at hand.
 *
 * @throws MissingPrerequisite if there is none, or no `javac` beside the `java` given.
 */
export async function findMaven(java: string): Promise<string> {
  if ((await printed("mvn", ["--version"])) === undefined)
    throw new MissingPrerequisite("Maven 3.8 or newer is needed; mvn cannot be run. Install it.");
  const compiler = path.join(path.dirname(java), "javac");
  if ((await printed(compiler, ["-version"])) === undefined)
    throw new MissingPrerequisite(
      `a JDK is needed, not only a runtime: ${compiler} cannot be run. Install one, or set JAVA_HOME.`,
    );
  return "mvn";
}

const pythonCommands = ["python3.11", "python3.12", "python3.13", "python3"];

/**
 * A Python of version 3.11 to 3.13: PySpark's and the lock file's range.
 *
 * @throws MissingPrerequisite if none of the usual commands is one.
 */
export async function findPython(commands: readonly string[] = pythonCommands): Promise<string> {
  const script = "import sys; print(sys.executable); print('%d.%d' % sys.version_info[:2])";
  const found: string[] = [];
  for (const command of commands) {
    const [executable, version] = (await printed(command, ["-c", script]))?.split("\n") ?? [];
    if (!executable || !version) continue;
    const [major, minor] = version.split(".").map(Number);
    if (major === 3 && minor !== undefined && minor >= 11 && minor <= 13) return executable;
    found.push(`${command} is ${version}`);
  }
  throw new MissingPrerequisite(
    `Python 3.11, 3.12 or 3.13 is needed; ${found.join(", ") || "none was found"}. Install one of them.`,
  );
}
