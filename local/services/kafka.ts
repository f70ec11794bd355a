/**
 * One node of Apache Kafka, broker and controller in one (KRaft), in the place of MSK.
 *
 * Defaults: 512 MiB of heap; topics are made only by who asks for them, as in the declared cluster.
 */
import { randomBytes } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { Admin } from "@platformatic/kafka";
import type { Machine, Services } from "../machine";
import { freePorts } from "../ports";
import { javaCommand, propertiesFile } from "./java";

const heapMiB = 512;

/** Starts the node. @throws if it does not come up; with the end of its log. */
export async function startKafka(
  machine: Pick<Machine, "directory" | "toolchain" | "processes">,
): Promise<Services["kafka"]> {
  const directory = path.join(machine.directory, "kafka");
  const properties = path.join(directory, "server.properties");
  const [broker, controller] = await freePorts(2);
  const bootstrapServers = `127.0.0.1:${broker}`;
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  await writeFile(
    properties,
    propertiesFile({
      "process.roles": "broker,controller",
      "node.id": 1,
      "controller.quorum.voters": `1@127.0.0.1:${controller}`,
      listeners: `PLAINTEXT://${bootstrapServers},CONTROLLER://127.0.0.1:${controller}`,
      "advertised.listeners": `PLAINTEXT://${bootstrapServers}`,
      "controller.listener.names": "CONTROLLER",
      "log.dirs": path.join(directory, "data"),
      "auto.create.topics.enable": "false",
      // One node holds one copy.
      "default.replication.factor": 1,
      "offsets.topic.replication.factor": 1,
      "transaction.state.log.replication.factor": 1,
      "transaction.state.log.min.isr": 1,
      // Small and quick: few consumers, few partitions.
      "offsets.topic.num.partitions": 3,
      "transaction.state.log.num.partitions": 3,
      "group.initial.rebalance.delay.ms": 0,
      "num.network.threads": 2,
      "num.io.threads": 4,
      "log.cleaner.dedupe.buffer.size": 16_777_216,
    }),
  );
  const java = (mainClass: string, args: readonly string[]) =>
    javaCommand(machine.toolchain, {
      jars: machine.toolchain.jars.kafka,
      mainClass,
      args,
      heapMiB,
    });
  await machine.processes.run({
    name: "kafka-format",
    ...java("kafka.tools.StorageTool", [
      ...["format", "--config", properties],
      // Joined, since an id may begin with a hyphen, which would read as an option of its own.
      `--cluster-id=${randomBytes(16).toString("base64url")}`,
    ]),
  });
  await machine.processes.start({
    name: "kafka",
    ...java("kafka.Kafka", [properties]),
    healthy: async () => {
      const admin = new Admin({
        clientId: "health",
        bootstrapBrokers: [bootstrapServers],
        connectTimeout: 1_000,
        retries: 0,
      });
      try {
        const { brokers } = await admin.metadata({ topics: [] });
        return brokers.size === 1;
      } finally {
        await admin.close();
      }
    },
  });
  return { bootstrapServers };
}
