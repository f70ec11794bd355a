/** How the JVM services are started: small and quick to start, in UTC and UTF-8 whatever the machine is set to. */
import path from "node:path";
import type { Toolchain } from "../toolchain";

export interface JavaProgram {
  /** Folder of jars: the class path. */
  readonly jars: string;
  readonly mainClass: string;
  readonly args: readonly string[];
  /** Heap at most, in MiB. */
  readonly heapMiB: number;
  /** What it logs, to its output. Default `INFO`. */
  readonly logLevel?: "INFO" | "ERROR";
}

/** The command line of a program on the JVM. The optimising compiler is left out: it would cost memory for no gain. */
export function javaCommand(
  toolchain: Pick<Toolchain, "java">,
  program: JavaProgram,
): { command: string; args: string[] } {
  return {
    command: toolchain.java,
    args: [
      `-Xmx${program.heapMiB}m`,
      "-XX:TieredStopAtLevel=1",
      "-XX:+UseSerialGC",
      "-Dfile.encoding=UTF-8",
      "-Duser.timezone=UTC",
      "-Duser.language=en",
      "-Djava.awt.headless=true",
      `-Dorg.apache.logging.log4j.level=${program.logLevel ?? "INFO"}`,
      ...["-cp", path.join(program.jars, "*")],
      program.mainClass,
      ...program.args,
    ],
  };
}

/** The text of a Java properties file, which Java reads as Latin-1. @throws if a name or value has a line break. */
export function propertiesFile(properties: Readonly<Record<string, string | number>>): string {
  return Object.entries(properties)
    .map(([name, value]) => {
      const line = `${name}=${String(value).replaceAll("\\", "\\\\")}`;
      if (/[\r\n]/.test(line)) throw new Error(`the property ${name} has a line break`);
      return `${line.replace(/[^ -~]/g, escaped)}\n`;
    })
    .join("");
}

function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
