/** Counterpart of MSK Connect: a worker of Kafka Connect that runs the declared connector with its declared settings. */
import { textInput } from "../../components/mocks/identity";
import { cloudOutputs } from "../../components/mocks/outputs";
import type { Recorded } from "../../components/mocks/recorder";
import type { Handlers } from "../handler";
import type { Machine, Services } from "../machine";
import { awsOf } from "../services/aws";
import { runConnector, startKafkaConnect } from "../services/kafka-connect";

const workerConfigurations = new WeakMap<Machine, Map<string, Record<string, string>>>();
const workers = new WeakMap<Machine, Promise<Services["connect"]>>();

function configurationsOn(machine: Machine): Map<string, Record<string, string>> {
  const known = workerConfigurations.get(machine) ?? new Map<string, Record<string, string>>();
  workerConfigurations.set(machine, known);
  return known;
}

/** The properties of a worker configuration: `name=value` lines, `#` before a comment. */
export function parseProperties(text: string): Record<string, string> {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  return Object.fromEntries(
    lines
      .filter((line) => line !== "" && !line.startsWith("#"))
      .map((line) => {
        const equals = line.indexOf("=");
        if (equals < 0) throw new Error(`the worker configuration has a line without =: ${line}`);
        return [line.slice(0, equals).trim(), line.slice(equals + 1).trim()];
      }),
  );
}

function startWorker(resource: Recorded, machine: Machine): Promise<Services["connect"]> {
  const { kafka } = machine.services;
  if (!kafka) throw new Error(`${resource.name} needs a Kafka cluster, and none runs here`);
  const { arn } = (resource.inputs.workerConfiguration ?? {}) as { arn?: string };
  return startKafkaConnect(machine, {
    bootstrapServers: kafka.bootstrapServers,
    workerProperties: configurationsOn(machine).get(arn ?? ""),
  });
}

export const sink: Handlers = {
  "aws:mskconnect/workerConfiguration:WorkerConfiguration": (resource, machine) => {
    const made = cloudOutputs(resource);
    const properties = parseProperties(textInput(resource, "propertiesFileContent"));
    configurationsOn(machine).set(made.id, properties);
    return Promise.resolve(made);
  },

  "aws:mskconnect/connector:Connector": async (resource, machine) => {
    const made = cloudOutputs(resource);
    const worker = workers.get(machine) ?? startWorker(resource, machine);
    workers.set(machine, worker);
    const [{ url }, aws] = await Promise.all([worker, awsOf(machine)]);
    machine.services.connect = { url };
    await runConnector(url, String(made.outputs.name), {
      ...(resource.inputs.connectorConfiguration as Record<string, string>),
      "store.url": aws.endpoint,
      "aws.access.key.id": aws.accessKeyId,
      "aws.secret.access.key": aws.secretAccessKey,
    });
    return made;
  },
};
