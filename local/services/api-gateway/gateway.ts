/** One deployed definition, answering requests as API Gateway does. */
import { randomBytes, randomUUID } from "node:crypto";
import { createWriteStream, type WriteStream } from "node:fs";
import type { IncomingHttpHeaders } from "node:http";
import { hasTooManyValues, valuesAtMost } from "../json-values";
import { fill } from "./context";
import type { Definition, Stage, UsagePlan } from "./definition";
import { Api, isAwsService, isHttpProxy, type Integration, type Method } from "./document";
import {
  awsService,
  contentTypeOf,
  httpProxy,
  IntegrationFailure,
  mock,
  type Answer,
  type GatewayRequest,
} from "./integrations";
import { signatureFault } from "./signature";
import { TokenBucket } from "./throttle";

/** The most that API Gateway takes in one request, in bytes. */
export const payloadLimit = 10 * 1_024 * 1_024;

export interface Asked {
  readonly method: string;
  /** As sent: path and query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** Undefined where the request has none. */
  readonly body: Buffer | undefined;
  readonly sourceIp: string;
  /** Whether the body was over the limit, and was not read. */
  readonly tooLong: boolean;
}

interface Key {
  readonly id: string;
  readonly bucket: TokenBucket | undefined;
}

interface Served {
  readonly stage: Stage;
  readonly api: Api;
  readonly bucket: TokenBucket | undefined;
  readonly log: WriteStream | undefined;
  /** By the key's value. */
  readonly keys: ReadonlyMap<string, Key>;
}

/** An answer that API Gateway gives by itself. */
class Refusal extends Error {
  constructor(
    readonly type: string,
    readonly status: number,
    message: string,
    readonly errorType: string,
  ) {
    super(message);
  }
}

const errorTypes: Readonly<Record<string, string>> = {
  INTEGRATION_FAILURE: "InternalServerErrorException",
  INTEGRATION_TIMEOUT: "InternalServerErrorException",
  API_CONFIGURATION_ERROR: "InternalServerErrorException",
  BAD_REQUEST_BODY: "BadRequestException",
  UNSUPPORTED_MEDIA_TYPE: "BadRequestException",
};

export class Gateway {
  private constructor(
    private readonly definition: Definition,
    private readonly served: ReadonlyMap<string, Served>,
  ) {}

  /**
   * Deploys a definition. Throttles and logs of `previous` go on where they did not change.
   *
   * @throws if a document has what is not supported.
   */
  static deploy(definition: Definition, previous?: Gateway): Gateway {
    const served = new Map<string, Served>();
    for (const stage of definition.stages) {
      const api = Api.read(stage.document);
      const before = previous?.served.get(stage.name);
      served.set(stage.name, {
        stage,
        api,
        bucket: kept(before?.bucket, stage.throttle),
        keys: keysOf(stage, definition.plans, before),
        log:
          stage.accessLog && before?.stage.accessLog?.file === stage.accessLog.file
            ? before.log
            : stage.accessLog && createWriteStream(stage.accessLog.file, { flags: "a" }),
      });
    }
    return new Gateway(definition, served);
  }

  async answer(asked: Asked): Promise<Answer> {
    const begun = performance.now();
    const [path, query] = split(asked.url, "?");
    const [, stageName = ""] = path.split("/", 2);
    const served = this.served.get(stageName);
    const requestId = randomUUID();
    const context: Record<string, string | number | undefined> = {
      requestId,
      extendedRequestId: randomBytes(11).toString("base64url") + "=",
      requestTime: clock(new Date()),
      requestTimeEpoch: Date.now(),
      httpMethod: asked.method,
      path,
      protocol: "HTTP/1.1",
      stage: stageName,
      apiId: served?.stage.restApiId,
      "identity.sourceIp": asked.sourceIp,
      "identity.userAgent": asked.headers["user-agent"],
    };
    let answer: Answer;
    try {
      answer = await this.pass(served, asked, path.slice(stageName.length + 1), query, context);
    } catch (error) {
      answer = refused(error, served?.api, context);
    }
    context.status = answer.status;
    context.responseLength = Buffer.byteLength(answer.body);
    context.responseLatency = Math.round(performance.now() - begun);
    if (served?.log && served.stage.accessLog)
      served.log.write(fill(served.stage.accessLog.format, context, "-") + "\n");
    return {
      ...answer,
      headers: {
        ...answer.headers,
        "x-amzn-requestid": requestId,
        "x-amz-apigw-id": String(context.extendedRequestId),
      },
    };
  }

  private async pass(
    served: Served | undefined,
    asked: Asked,
    path: string,
    query: string,
    context: Record<string, string | number | undefined>,
  ): Promise<Answer> {
    const match = served?.api.find(asked.method, path);
    if (!served || !match)
      throw new Refusal(
        "MISSING_AUTHENTICATION_TOKEN",
        403,
        "Missing Authentication Token",
        "MissingAuthenticationTokenException",
      );
    const { method } = match;
    context.resourcePath = method.resourcePath;
    if (asked.tooLong)
      throw new Refusal(
        "REQUEST_TOO_LARGE",
        413,
        `HTTP content length exceeded ${payloadLimit} bytes.`,
        "RequestTooLargeException",
      );
    const key = this.admitted(served, asked, method.authorization);
    context["identity.apiKeyId"] = key?.id;
    // A request that the stage refuses is none of the key's.
    for (const bucket of [served.bucket, key?.bucket])
      if (bucket && !bucket.take())
        throw new Refusal("THROTTLED", 429, "Too Many Requests", "TooManyRequestsException");
    const fault = bodyFault(method, asked);
    if (fault) {
      context["error.validationErrorString"] = fault;
      throw new Refusal("BAD_REQUEST_BODY", 400, "Invalid request body", "BadRequestException");
    }
    const begun = performance.now();
    try {
      const answer = await this.integrate(method.integration, { ...asked, query, match, context });
      context["integration.status"] = answer.integrationStatus ?? answer.status;
      return answer;
    } finally {
      context["integration.latency"] = Math.round(performance.now() - begun);
    }
  }

  private async integrate(integration: Integration, request: GatewayRequest): Promise<Answer> {
    if (isHttpProxy(integration)) return httpProxy(integration, request, this.definition.routes);
    if (isAwsService(integration)) return awsService(integration, request, this.definition.aws);
    return mock(integration, request);
  }

  /** The key that lets the request in, where it needs one. @throws Refusal if it may not pass. */
  private admitted(served: Served, asked: Asked, authorization: string): Key | undefined {
    if (authorization === "iam") {
      const fault = signatureFault(asked, this.definition.credentials);
      if (fault)
        throw new Refusal(
          fault.type,
          403,
          fault.message,
          fault.type === "INVALID_SIGNATURE"
            ? "InvalidSignatureException"
            : "MissingAuthenticationTokenException",
        );
    }
    if (authorization !== "apiKey") return undefined;
    const key = served.keys.get(String(asked.headers["x-api-key"]));
    if (!key) throw new Refusal("INVALID_API_KEY", 403, "Forbidden", "ForbiddenException");
    return key;
  }
}

/** What is wrong with the request's body, unless it is just passed on. */
function bodyFault({ bodyFault: fault, integration }: Method, { body, headers }: Asked) {
  if (isHttpProxy(integration) && !fault) return undefined;
  // There is no room here to parse them; a record that Kinesis takes has fewer.
  if (body && hasTooManyValues(body)) return `[the body has more than ${valuesAtMost} values]`;
  return fault?.(body?.toString("utf8") ?? "{}", contentTypeOf(headers));
}

function kept(before: TokenBucket | undefined, throttle: Stage["throttle"]) {
  if (!throttle) return undefined;
  return before?.limits.rateLimit === throttle.rateLimit &&
    before.limits.burstLimit === throttle.burstLimit
    ? before
    : new TokenBucket(throttle);
}

function keysOf(stage: Stage, plans: readonly UsagePlan[], before: Served | undefined) {
  const keys = new Map<string, Key>();
  for (const plan of plans) {
    if (!plan.stages.some((one) => one.apiId === stage.restApiId && one.stage === stage.name))
      continue;
    for (const { id, value, enabled } of plan.keys)
      if (enabled)
        keys.set(value, { id, bucket: kept(before?.keys.get(value)?.bucket, plan.throttle) });
  }
  return keys;
}

/** API Gateway's own answer, changed as the document says. */
function refused(
  error: unknown,
  api: Api | undefined,
  context: Record<string, string | number | undefined>,
): Answer {
  if (!(error instanceof Refusal || error instanceof IntegrationFailure)) throw error;
  const { type, status, message } = error;
  const errorType = error instanceof Refusal ? error.errorType : errorTypes[type];
  context["error.message"] = message;
  context["error.responseType"] = type;
  if (error instanceof IntegrationFailure) context["integration.error"] = error.detail;
  const changed = api?.gatewayResponse(type, status);
  const template = changed?.responseTemplates["application/json"];
  return {
    status: changed?.statusCode ? Number(changed.statusCode) : status,
    headers: {
      "content-type": "application/json",
      "x-amzn-errortype": errorType ?? "",
      ...Object.fromEntries(
        Object.entries(changed?.responseParameters ?? {}).map(([name, value]) => [
          name.split(".")[2] ?? "",
          value.slice(1, -1),
        ]),
      ),
    },
    body: template === undefined ? JSON.stringify({ message }) : fill(template, context, ""),
  };
}

/** As `$context.requestTime` has it: 10/Oct/2000:13:55:36 +0000. */
function clock(time: Date): string {
  const [, date, month, year] = time.toUTCString().split(" ");
  return `${date}/${month}/${year}:${time.toISOString().slice(11, 19)} +0000`;
}

function split(value: string, separator: string): [string, string] {
  const index = value.indexOf(separator);
  return index < 0 ? [value, ""] : [value.slice(0, index), value.slice(index + 1)];
}
