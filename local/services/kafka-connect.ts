/**
 * A distributed worker of Kafka Connect, in the place of MSK Connect.
 *
 * Defaults: 256 MiB of heap.
 */
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Machine, Services } from "../machine";
import { freePort } from "../ports";
import { javaCommand, propertiesFile } from "./java";

export interface KafkaConnectOptions {
  readonly bootstrapServers: string;
  /** The declared worker configuration, laid over the worker's defaults. Default: none. */
  readonly workerProperties?: Readonly<Record<string, string>>;
}

const heapMiB = 256;

/** Starts the worker. @throws if it does not come up; with the end of its log. */
export async function startKafkaConnect(
  machine: Pick<Machine, "directory" | "toolchain" | "processes">,
  options: KafkaConnectOptions,
): Promise<Services["connect"]> {
  const directory = path.join(machine.directory, "connect");
  const properties = path.join(directory, "worker.properties");
  const { plugins } = machine.toolchain;
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  await mkdir(directory, { recursive: true });
  await writeFile(
    properties,
    propertiesFile({
      // MSK Connect's own converters where the worker configuration names none.
      "key.converter": "org.apache.kafka.connect.storage.StringConverter",
      "value.converter": "org.apache.kafka.connect.storage.StringConverter",
      ...options.workerProperties,
      "bootstrap.servers": options.bootstrapServers,
      "group.id": "connect",
      "plugin.path": plugins.directory,
      // Looking into every class of the class path takes 10 s; our plugin says what it has, Confluent's may be too old to.
      "plugin.discovery": plugins.own ? "service_load" : "hybrid_warn",
      listeners: url,
      "rest.advertised.host.name": "127.0.0.1",
      "config.storage.topic": "__connect_configs",
      "offset.storage.topic": "__connect_offsets",
      "status.storage.topic": "__connect_status",
      "config.storage.replication.factor": 1,
      "offset.storage.replication.factor": 1,
      "status.storage.replication.factor": 1,
      "offset.storage.partitions": 1,
      "status.storage.partitions": 1,
      // One worker: there is nobody to wait for.
      "scheduled.rebalance.max.delay.ms": 0,
    }),
  );
  await machine.processes.start({
    name: "connect",
    ...javaCommand(machine.toolchain, {
      jars: machine.toolchain.jars.connect,
      mainClass: "org.apache.kafka.connect.cli.ConnectDistributed",
      args: [properties],
      heapMiB,
    }),
    healthyWithinSeconds: 90,
    // It takes connectors only once it has joined its group, later than its port answers.
    healthy: async () => (await fetch(`${url}/connectors`)).ok,
  });
  return { url };
}

interface ConnectorStatus {
  readonly connector: { readonly state: string; readonly trace?: string };
  readonly tasks: readonly { readonly state: string; readonly trace?: string }[];
}

/**
 * Makes a connector, or changes its settings, and waits until it and all its tasks run.
 *
 * @throws if Connect refuses the settings, the connector or a task fails, or they do not run within `withinSeconds`
 * (default 60); with Connect's reason.
 */
export async function runConnector(
  url: string,
  name: string,
  settings: Readonly<Record<string, string>>,
  withinSeconds = 60,
): Promise<void> {
  const connector = `${url}/connectors/${encodeURIComponent(name)}`;
  const bound = Date.now() + withinSeconds * 1_000;
  for (;;) {
    const reply = await fetch(`${connector}/config`, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(settings),
    });
    if (reply.ok) break;
    const reason = await reply.text();
    // 409 while the worker's group rebalances.
    if (reply.status !== 409 || Date.now() > bound)
      throw new Error(`Connect refuses the connector ${name} (${reply.status}): ${reason}`);
    await sleep(200);
  }
  for (;;) {
    const reply = await fetch(`${connector}/status`);
    if (reply.ok) {
      const { connector: own, tasks } = (await reply.json()) as ConnectorStatus;
      const failed = [own, ...tasks].find(({ state }) => state === "FAILED");
      if (failed)
        throw new Error(`the connector ${name} failed: ${failed.trace ?? "no reason given"}`);
      const running = [own, ...tasks].every(({ state }) => state === "RUNNING");
      if (running && tasks.length > 0) return;
    }
    if (Date.now() > bound)
      throw new Error(`the connector ${name} does not run after ${withinSeconds} s`);
    await sleep(200);
  }
}
