/**
 * Counterparts of what the Kafka client's hosts do: the declared script that makes the topics, run here as it is, and the
 * REST proxy, one for all hosts, at the load balancer's address. What else is run on the hosts, installing above all, has no
 * counterpart: it is installed here already.
 */
import path from "node:path";
import { textInput } from "../../components/mocks/identity";
import { cloudOutputs } from "../../components/mocks/outputs";
import type { Made, Recorded } from "../../components/mocks/recorder";
import type { Handlers } from "../handler";
import type { Machine, Services } from "../machine";
import { writeKafkaTools } from "../services/kafka-tools";
import { startRestProxy } from "../services/rest-proxy";

/** What was declared so far of the way from a load balancer to its targets. */
interface Balancing {
  /** DNS names by the load balancer's ARN. */
  readonly names: Map<string, string>;
  readonly listeners: { balancer: string; port: number; targetGroups: string[] }[];
  /** ARNs of the target groups with a host that serves. */
  readonly served: Set<string>;
}

const balancings = new WeakMap<Machine, Balancing>();
const proxies = new WeakMap<Machine, Promise<Services["restProxy"]>>();

function balancingOn(machine: Machine): Balancing {
  const known = balancings.get(machine);
  if (known) return known;
  const balancing: Balancing = { names: new Map(), listeners: [], served: new Set() };
  balancings.set(machine, balancing);
  return balancing;
}

/** Leads each listener of a load balancer to the REST proxy here, once a host behind it serves. */
function route(machine: Machine): void {
  const { names, listeners, served } = balancingOn(machine);
  const { restProxy } = machine.services;
  if (!restProxy) return;
  for (const { balancer, port, targetGroups } of listeners) {
    const name = names.get(balancer);
    if (name && targetGroups.some((group) => served.has(group)))
      machine.routes.set(`${name}:${port}`, new URL(restProxy.url).host);
  }
}

function brokersOf(resource: Recorded, machine: Machine): string {
  const { kafka } = machine.services;
  if (!kafka) throw new Error(`${resource.name} needs a Kafka cluster, and none runs here`);
  return kafka.bootstrapServers;
}

async function makeTopics(resource: Recorded, machine: Machine): Promise<Made> {
  const home = await writeKafkaTools(
    path.join(machine.directory, "kafka-client"),
    machine.toolchain,
    brokersOf(resource, machine),
  );
  const stdout = await machine.processes.run({
    name: resource.name,
    command: "bash",
    args: ["-c", textInput(resource, "create")],
    environment: { KAFKA_HOME: home, ATTEMPTS: "10", PAUSE_SECONDS: "1" },
  });
  const { id, outputs } = cloudOutputs(resource);
  return { id, outputs: { ...outputs, stdout: stdout.trimEnd() } };
}

async function runProxy(resource: Recorded, machine: Machine): Promise<Made> {
  const proxy = proxies.get(machine) ?? startRestProxy(machine, brokersOf(resource, machine));
  proxies.set(machine, proxy);
  machine.services.restProxy = await proxy;
  return cloudOutputs(resource);
}

export const kafkaClient: Handlers = {
  "command:remote:Command": async (resource, machine) => {
    if (resource.name.endsWith("-topics")) return makeTopics(resource, machine);
    if (resource.name.endsWith("-rest-proxy")) return runProxy(resource, machine);
    return cloudOutputs(resource);
  },

  "aws:lb/loadBalancer:LoadBalancer": (resource, machine) => {
    const made = cloudOutputs(resource);
    balancingOn(machine).names.set(made.id, String(made.outputs.dnsName));
    route(machine);
    return Promise.resolve(made);
  },

  "aws:lb/listener:Listener": (resource, machine) => {
    const actions = resource.inputs.defaultActions as { targetGroupArn?: string }[];
    balancingOn(machine).listeners.push({
      balancer: textInput(resource, "loadBalancerArn"),
      port: Number(resource.inputs.port),
      targetGroups: actions.flatMap(({ targetGroupArn }) => targetGroupArn ?? []),
    });
    route(machine);
    return Promise.resolve(cloudOutputs(resource));
  },

  "aws:lb/targetGroupAttachment:TargetGroupAttachment": (resource, machine) => {
    balancingOn(machine).served.add(textInput(resource, "targetGroupArn"));
    route(machine);
    return Promise.resolve(cloudOutputs(resource));
  },
};
