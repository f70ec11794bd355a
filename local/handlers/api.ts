/** Counterparts of API Gateway: a gateway's process for each API that has a stage, told anew of what belongs to it. */
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { textInput } from "../../components/mocks/identity";
import { cloudOutputs } from "../../components/mocks/outputs";
import type { Recorded } from "../../components/mocks/recorder";
import type { Handlers } from "../handler";
import type { Machine } from "../machine";
import { awsOf } from "../services/aws";
import {
  hostsOf,
  startApiGateway,
  type ApiGateway,
  type Definition,
  type Stage,
  type Throttle,
  type UsagePlan,
} from "../services/api-gateway";

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** What was declared so far. */
interface Declared {
  /** Documents by the API's id: what the next deployment takes. */
  readonly documents: Map<string, unknown>;
  /** Documents by the deployment's id. */
  readonly deployments: Map<string, unknown>;
  readonly stages: Mutable<Stage>[];
  readonly keys: Map<string, UsagePlan["keys"][number]>;
  readonly plans: Map<string, Omit<UsagePlan, "keys"> & { readonly keyIds: string[] }>;
  gateway: Promise<ApiGateway> | undefined;
  /** Deployments one after the other, so that the last declared is the last deployed. */
  deploying: Promise<void>;
}

const declarations = new WeakMap<Machine, Declared>();

function declaredOn(machine: Machine): Declared {
  const known = declarations.get(machine);
  if (known) return known;
  const declared: Declared = {
    documents: new Map(),
    deployments: new Map(),
    stages: [],
    keys: new Map(),
    plans: new Map(),
    gateway: undefined,
    deploying: Promise.resolve(),
  };
  declarations.set(machine, declared);
  return declared;
}

/** Tells the gateway what is declared now, if a stage is. */
async function deploy(machine: Machine): Promise<void> {
  const declared = declaredOn(machine);
  if (declared.stages.length === 0) return;
  declared.gateway ??= startApiGateway(machine);
  const gateway = await declared.gateway;
  machine.services.gateway = { url: gateway.url };
  const aws = await awsOf(machine);
  declared.deploying = declared.deploying.then(() => {
    const definition: Definition = {
      stages: declared.stages,
      plans: [...declared.plans.values()].map(({ keyIds, ...plan }) => ({
        ...plan,
        keys: keyIds.flatMap((id) => declared.keys.get(id) ?? []),
      })),
      routes: Object.fromEntries(machine.routes),
      credentials: aws,
      aws,
    };
    return gateway.deploy(definition);
  });
  await declared.deploying;
}

/**
 * Tells the gateway of what came to be served after its stage was made.
 *
 * @throws if a deployed API leads to a host that nothing serves here.
 */
export async function connectApi(machine: Machine): Promise<void> {
  for (const { name, document } of declaredOn(machine).stages)
    for (const host of hostsOf(document))
      if (!machine.routes.has(host))
        throw new Error(`stage ${name} leads to ${host}, which nothing serves here`);
  await deploy(machine);
}

function throttleOf(settings: unknown): Throttle | undefined {
  const { rateLimit, burstLimit } = (settings ?? {}) as Partial<Throttle>;
  return rateLimit === undefined || burstLimit === undefined
    ? undefined
    : { rateLimit, burstLimit };
}

/** Refuses what the gateway would have to do and does not. */
function refuse(resource: Recorded, ...properties: string[]): void {
  for (const property of properties)
    if (resource.inputs[property] !== undefined)
      throw new Error(`${resource.type} ${resource.name}: ${property} is not supported here`);
}

export const api: Handlers = {
  "aws:apigateway/restApi:RestApi": (resource, machine) => {
    refuse(resource, "binaryMediaTypes", "minimumCompressionSize", "policy");
    const made = cloudOutputs(resource);
    declaredOn(machine).documents.set(made.id, JSON.parse(textInput(resource, "body")));
    return Promise.resolve(made);
  },

  "aws:apigateway/deployment:Deployment": (resource, machine) => {
    const made = cloudOutputs(resource);
    const { documents, deployments } = declaredOn(machine);
    deployments.set(made.id, documents.get(textInput(resource, "restApi")));
    return Promise.resolve(made);
  },

  "aws:apigateway/stage:Stage": async (resource, machine) => {
    refuse(resource, "cacheClusterEnabled", "canarySettings", "variables");
    const name = textInput(resource, "stageName");
    const declared = declaredOn(machine);
    if (declared.stages.some((stage) => stage.name === name))
      throw new Error(`two APIs have a stage ${name}, and one address serves both here`);
    const { format, destinationArn } = (resource.inputs.accessLogSettings ?? {}) as Partial<
      Record<"format" | "destinationArn", string>
    >;
    const logs = path.join(machine.directory, "logs");
    await mkdir(logs, { recursive: true });
    declared.stages.push({
      restApiId: textInput(resource, "restApi"),
      name,
      document: declared.deployments.get(textInput(resource, "deployment")),
      ...(format !== undefined && {
        accessLog: {
          format,
          file: path.join(logs, `${destinationArn?.split(":log-group:")[1] ?? name}.log`),
        },
      }),
    });
    await deploy(machine);
    const { id, outputs } = cloudOutputs(resource);
    return {
      id,
      outputs: { ...outputs, invokeUrl: `${machine.services.gateway?.url ?? ""}/${name}` },
    };
  },

  "aws:apigateway/methodSettings:MethodSettings": async (resource, machine) => {
    const methodPath = textInput(resource, "methodPath");
    if (methodPath !== "*/*")
      throw new Error(`${resource.name}: settings of ${methodPath} alone are not supported here`);
    const { throttlingRateLimit: rateLimit, throttlingBurstLimit: burstLimit } = resource.inputs
      .settings as { throttlingRateLimit?: number; throttlingBurstLimit?: number };
    const stage = declaredOn(machine).stages.find(
      ({ restApiId, name }) =>
        restApiId === textInput(resource, "restApi") && name === textInput(resource, "stageName"),
    );
    const throttle = throttleOf({ rateLimit, burstLimit });
    if (stage && throttle) stage.throttle = throttle;
    await deploy(machine);
    return cloudOutputs(resource);
  },

  "aws:apigateway/apiKey:ApiKey": (resource, machine) => {
    const made = cloudOutputs(resource);
    declaredOn(machine).keys.set(made.id, {
      id: made.id,
      value: String(made.outputs.value),
      enabled: resource.inputs.enabled !== false,
    });
    return Promise.resolve(made);
  },

  "aws:apigateway/usagePlan:UsagePlan": async (resource, machine) => {
    refuse(resource, "quotaSettings");
    const made = cloudOutputs(resource);
    const throttle = throttleOf(resource.inputs.throttleSettings);
    declaredOn(machine).plans.set(made.id, {
      stages: (resource.inputs.apiStages ?? []) as unknown as UsagePlan["stages"],
      ...(throttle && { throttle }),
      keyIds: [],
    });
    await deploy(machine);
    return made;
  },

  "aws:apigateway/usagePlanKey:UsagePlanKey": async (resource, machine) => {
    const { plans, keys } = declaredOn(machine);
    const keyId = textInput(resource, "keyId");
    plans.get(textInput(resource, "usagePlanId"))?.keyIds.push(keyId);
    await deploy(machine);
    const { id, outputs } = cloudOutputs(resource);
    return { id, outputs: { ...outputs, value: keys.get(keyId)?.value } };
  },
};
