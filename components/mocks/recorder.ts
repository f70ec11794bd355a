/**
 * Runs a Pulumi program without an engine and records every resource that it registers: what the component tests, the
 * whole-program tests, `npm run graph` and the local target stand on.
 *
 * Pulumi's own mocks hide a registration's dependencies, parent and options, so this monitor extends theirs.
 */
import * as pulumi from "@pulumi/pulumi";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks";
import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { answerCall } from "./calls";
import { cloudOutputs } from "./outputs";
import type { Inputs, Json, Made, Maker, Recorded } from "./recorded";

export type { Inputs, Json, Made, Maker, Recorded };

export interface RecordOptions {
  /** Whether the program runs as in `pulumi preview`: what is computed is unknown. Default false. */
  readonly preview?: boolean;
  /** Default `pinterest-data-pipeline`. */
  readonly project?: string;
  /** Default `test`. */
  readonly stack?: string;
  /** Pulumi config, keys with their namespace, e.g. `aws:region`. Default: only a region. */
  readonly config?: Readonly<Record<string, string>>;
  /** Keys of `config` that are secret. */
  readonly secretConfig?: readonly string[];
  /** Makes each custom resource. Default: outputs of the form that the cloud gives. */
  readonly make?: Maker;
}

export interface Recording<T> {
  readonly resources: readonly Recorded[];
  /** What the program returned, its outputs resolved. */
  readonly outputs: T;
}

const signature = "4dabf18193072939515e22adb298388d";
const secretSignature = pulumi.runtime.specialSecretSig;
const resourceSignature = pulumi.runtime.specialResourceSig;

/** Turns a registration's wire form into plain JSON, noting the paths of secrets. */
function plain(value: Json, path: readonly string[], secrets: string[][]): Json {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value))
    return value.map((item, index) => plain(item, [...path, String(index)], secrets));
  if (value[signature] === secretSignature) {
    secrets.push([...path]);
    return plain(value.value ?? null, path, secrets);
  }
  if (value[signature] === resourceSignature) return value.urn ?? null;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== signature)
      .map(([key, item]) => [key, plain(item, [...path, key], secrets)]),
  );
}

class RecordingMonitor extends MockMonitor {
  readonly recorded: Recorded[] = [];
  /** Why the first resource that could not be made was not. */
  failure: Error | undefined;

  constructor(
    private readonly make: Maker,
    private readonly preview: boolean,
    private readonly stack: string,
    private readonly project: string,
  ) {
    super({
      call: answerCall,
      newResource: ({ inputs, id }) => ({ id: id ?? "", state: inputs as Record<string, unknown> }),
    });
  }

  /** The engine's URN: the types of all ancestors but the stack, then the type. */
  private urn(request: RegisterResourceRequest): string {
    const ancestors = request.getParent().split("::")[2];
    const type =
      ancestors && ancestors !== pulumi.runtime.rootPulumiStackTypeName
        ? `${ancestors}$${request.getType()}`
        : request.getType();
    return ["urn:pulumi:" + this.stack, this.project, type, request.getName()].join("::");
  }

  private async answer(resource: Recorded): Promise<Made> {
    if (!resource.custom) return { id: "", outputs: {} };
    if (this.preview) return { id: "", outputs: { ...resource.inputs } };
    try {
      return await this.make(resource);
    } catch (cause) {
      this.failure ??= new Error(
        `${resource.name}: ${cause instanceof Error ? cause.message : String(cause)}`,
        { cause },
      );
      throw cause;
    }
  }

  override async registerResource(
    request: RegisterResourceRequest,
    callback: (error: unknown, response: unknown) => void,
  ): Promise<void> {
    try {
      const urn = this.urn(request);
      if (this.resources.has(urn)) throw new Error(`${urn} is declared twice`);
      this.resources.set(urn, { urn, id: null, state: {} });
      const resource = describe(request, urn);
      this.recorded.push(resource);
      const made = await this.answer(resource);
      const state: unknown = await pulumi.runtime.serializeProperties("", made.outputs);
      this.resources.set(urn, { urn, id: made.id, state });
      callback(null, {
        getUrn: () => urn,
        getId: () => made.id,
        getObject: () => Struct.fromJavaScript(state as Record<string, never>),
        getPropertydependenciesMap: () => new Map(),
        getResult: () => 0,
      });
    } catch (error) {
      callback(error, undefined);
    }
  }
}

function describe(request: RegisterResourceRequest, urn: string): Recorded {
  const secrets: string[][] = [];
  const inputs = plain(request.getObject()?.toJavaScript() ?? {}, [], secrets);
  const timeouts = request.getCustomtimeouts();
  return {
    type: request.getType(),
    name: request.getName(),
    urn,
    parent: request.getParent() || undefined,
    custom: request.getCustom(),
    inputs: inputs as Inputs,
    secrets,
    dependencies: [...new Set(request.getDependenciesList())].sort(),
    provider: request.getProvider().split("::").slice(0, -1).join("::") || undefined,
    protect: request.getProtect() ?? false,
    deleteBeforeReplace: request.getDeletebeforereplacedefined()
      ? request.getDeletebeforereplace()
      : undefined,
    ignoreChanges: request.getIgnorechangesList(),
    replaceOnChanges: request.getReplaceonchangesList(),
    additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
    retainOnDelete: request.getRetainondelete() ?? false,
    deletedWith: request.getDeletedwith() || undefined,
    aliases: request
      .getAliasesList()
      .map((alias) => alias.getUrn() || alias.getSpec()?.getName() || ""),
    customTimeouts: timeouts
      ? {
          create: timeouts.getCreate() || undefined,
          update: timeouts.getUpdate() || undefined,
          delete: timeouts.getDelete() || undefined,
        }
      : {},
  };
}

/**
 * Runs `program` as the engine would and waits until all that it registered is made. One program at a time: Pulumi keeps
 * its runtime in globals.
 *
 * @throws what the program throws, or what a resource's maker throws.
 */
export async function record<T>(
  program: () => T | Promise<T>,
  options: RecordOptions = {},
): Promise<Recording<pulumi.Unwrap<T>>> {
  const {
    preview = false,
    project = "pinterest-data-pipeline",
    stack = "test",
    make = cloudOutputs,
  } = options;
  const config = options.config ?? { "aws:region": "us-east-1" };
  const monitor = new RecordingMonitor(make, preview, stack, project);
  await pulumi.runtime.setMocks(monitor.mocks, project, stack, preview);
  pulumi.runtime.setMockOptions(monitor, project, stack, preview);
  pulumi.runtime.setAllConfig({ ...config }, [...(options.secretConfig ?? [])]);
  // Pulumi writes a stack trace for each of a program's thousands of promises: most of the time that a run takes. An
  // error keeps where it was thrown, which is looked up in the sources only when it is shown, after the run.
  const { stackTraceLimit } = Error;
  const { sourceMapsEnabled } = process;
  Error.stackTraceLimit = 1;
  process.setSourceMapsEnabled(false);
  let settled: unknown;
  try {
    settled = await pulumi.runtime.runInPulumiStack(async () => program());
    await pulumi.runtime.disconnect();
  } catch (error) {
    throw monitor.failure ?? error;
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    process.setSourceMapsEnabled(sourceMapsEnabled);
  }
  return { resources: monitor.recorded, outputs: settled as pulumi.Unwrap<T> };
}

/** The one resource of that name. @throws if there is none, or more than one. */
export function named(resources: readonly Recorded[], name: string): Recorded {
  const [found, ...others] = resources.filter((resource) => resource.name === name);
  if (!found || others.length > 0)
    throw new Error(`${found ? others.length + 1 : "no"} resources are named ${name}`);
  return found;
}
