/**
 * A `KAFKA_HOME` for scripts that are written for the cloud: Kafka's own command line tools behind wrappers that leave out
 * what has no counterpart on one node of this machine.
 */
import { chmod, mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Toolchain } from "../toolchain";
import { javaCommand } from "./java";

/** The tools by the names of their scripts. */
const tools: Readonly<Record<string, string>> = {
  "kafka-topics.sh": "org.apache.kafka.tools.TopicCommand",
  "kafka-configs.sh": "kafka.admin.ConfigCommand",
  "kafka-consumer-groups.sh": "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand",
  "kafka-get-offsets.sh": "org.apache.kafka.tools.GetOffsetShell",
};

const heapMiB = 128;

function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/**
 * Of the arguments, these are changed: the cluster is the one here; the client's properties, which sign in by IAM, are left
 * out, for there is no such sign-in here; a topic has one copy, since there is one node.
 */
function wrapper(toolchain: Toolchain, bootstrapServers: string, mainClass: string): string {
  const { command, args } = javaCommand(toolchain, {
    jars: toolchain.jars.kafka,
    mainClass,
    args: ["--bootstrap-server", bootstrapServers],
    heapMiB,
    logLevel: "ERROR", // scripts read what the tools print
  });
  return `#!/usr/bin/env bash
set -euo pipefail
arguments=()
while [ $# -gt 0 ]; do
  case $1 in
    --bootstrap-server | --command-config) shift ;;
    --replication-factor)
      arguments+=("$1" 1)
      shift
      ;;
    min.insync.replicas=*) arguments+=(min.insync.replicas=1) ;;
    *) arguments+=("$1") ;;
  esac
  shift
done
exec ${[command, ...args].map(shellQuoted).join(" ")} \${arguments[@]+"\${arguments[@]}"}
`;
}

/** Writes the wrappers below `<directory>/bin/`, as Kafka has them. @returns the directory: the `KAFKA_HOME`. */
export async function writeKafkaTools(
  directory: string,
  toolchain: Toolchain,
  bootstrapServers: string,
): Promise<string> {
  const bin = path.join(directory, "bin");
  await mkdir(bin, { recursive: true });
  for (const [name, mainClass] of Object.entries(tools)) {
    const file = path.join(bin, name);
    await writeFile(file, wrapper(toolchain, bootstrapServers, mainClass));
    await chmod(file, 0o755);
  }
  return directory;
}
