/** What API Gateway does with a request that may pass: one function for each type of integration. */
import type { IncomingHttpHeaders } from "node:http";
import { Agent, errors, request as send } from "undici";
import { askKinesis } from "../kinesis";
import { fill, type Context } from "./context";
import type { AwsServices } from "./definition";
import { hostOf, type AwsService, type HttpProxy, type Match, type Mock } from "./document";
import { renderTemplate } from "./velocity";

export interface GatewayRequest {
  readonly method: string;
  /** The query as sent, without its question mark. */
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer | undefined;
  readonly match: Match;
  readonly context: Context;
}

export interface Answer {
  readonly status: number;
  /** What the integration answered with, where that is another. */
  readonly integrationStatus?: number;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: Buffer | string;
}

/** An integration that gave no answer; `type` is that of API Gateway's own response to it. */
export class IntegrationFailure extends Error {
  constructor(
    readonly type:
      | "INTEGRATION_TIMEOUT"
      | "INTEGRATION_FAILURE"
      | "API_CONFIGURATION_ERROR"
      | "BAD_REQUEST_BODY"
      | "UNSUPPORTED_MEDIA_TYPE",
    readonly status: number,
    message: string,
    /** For the access log. */
    readonly detail: string,
  ) {
    super(message);
  }
}

/** Headers of one connection, which are not passed on (RFC 9110, 7.6.1). */
const ofConnection = new Set([
  "connection",
  "expect",
  "host",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** Headers of the answer that API Gateway sets itself; what the integration said stands under another name. */
const remapped = new Set(["connection", "content-length", "date", "server"]);

/** Keeps connections to the integrations open, as many as API Gateway's burst may need. */
export const agent = new Agent({ connections: 256, pipelining: 1, keepAliveTimeout: 60_000 });

/**
 * Passes the request on as it is, and the answer back as it is.
 *
 * @param routes Declared `host:port` → where it is served here.
 */
export async function httpProxy(
  integration: HttpProxy,
  request: GatewayRequest,
  routes: Readonly<Record<string, string>>,
): Promise<Answer> {
  const host = hostOf(integration.uri);
  const served = routes[host];
  if (served === undefined) throw failure(new Error(`nothing serves ${host}`));
  const url = new URL(integration.uri.replace(/^http:\/\/[^/]+/, `http://${served}`));
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(request.headers))
    if (value !== undefined && !ofConnection.has(name) && name !== "content-length")
      headers[name] = value;
  headers.host = host;
  const query = new URLSearchParams(request.query);
  let path = url.pathname.replaceAll("%7B", "{").replaceAll("%7D", "}");
  for (const [target, source] of Object.entries(integration.requestParameters)) {
    const [, , place, name = ""] = target.split(".");
    const value = mappedValue(source, request);
    if (value === undefined) continue;
    if (place === "path") path = path.replace(`{${name}}`, () => value);
    else if (place === "header") headers[name.toLowerCase()] = value;
    else query.set(name, value);
  }
  const changed = Object.keys(integration.requestParameters).some((target) =>
    target.startsWith("integration.request.querystring."),
  );
  const sent = changed ? query.toString() : request.query;
  try {
    const answer = await send(`${url.origin}${path}${sent ? `?${sent}` : ""}`, {
      dispatcher: agent,
      method: integration.httpMethod === "ANY" ? request.method : integration.httpMethod,
      headers,
      body: request.body ?? null,
      signal: AbortSignal.timeout(integration.timeoutInMillis),
    });
    return {
      status: answer.statusCode,
      headers: passedBack(answer.headers),
      body: Buffer.from(await answer.body.arrayBuffer()),
    };
  } catch (error) {
    throw failure(error as Error);
  }
}

function mappedValue(source: string, { headers, query, match, context }: GatewayRequest) {
  if (source.startsWith("'")) return source.slice(1, -1);
  if (source.startsWith("context.")) return fill(`$${source}`, context, "");
  const [, , place, name = ""] = source.split(".");
  if (place === "path") return match.path[name];
  if (place === "querystring") return new URLSearchParams(query).get(name) ?? undefined;
  return [headers[name.toLowerCase()] ?? []].flat()[0];
}

function passedBack(headers: IncomingHttpHeaders): Record<string, string | string[]> {
  const passed: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) continue;
    if (remapped.has(name)) passed[`x-amzn-remapped-${name}`] = value;
    else if (!ofConnection.has(name)) passed[name] = value;
  }
  return passed;
}

function failure(error: Error): IntegrationFailure {
  const timeout =
    error.name === "TimeoutError" ||
    error instanceof errors.HeadersTimeoutError ||
    error instanceof errors.BodyTimeoutError ||
    error instanceof errors.ConnectTimeoutError;
  return timeout
    ? new IntegrationFailure(
        "INTEGRATION_TIMEOUT",
        504,
        "Endpoint request timed out",
        "Execution failed due to a timeout error",
      )
    : new IntegrationFailure(
        "INTEGRATION_FAILURE",
        504,
        "Network error communicating with endpoint",
        `Execution failed due to a network error communicating with endpoint: ${error.message}`,
      );
}

/** The type by which a request's template and model are chosen. */
export function contentTypeOf({ "content-type": type }: IncomingHttpHeaders): string {
  return (type ?? "application/json").split(";")[0]?.trim() ?? "";
}

/**
 * Calls an action of Kinesis with the body that the template makes, and passes its answer back under the status that is declared for
 * its own. The role that is declared for the call is taken as given: MiniStack lets it do everything.
 */
export async function awsService(
  integration: AwsService,
  request: GatewayRequest,
  aws: AwsServices | undefined,
): Promise<Answer> {
  const body = bodyFor(integration, request);
  if (!aws) throw failure(new Error("nothing serves Kinesis"));
  const contentType = integration.requestParameters["integration.request.header.Content-Type"];
  const answer = await askKinesis(aws, {
    action: integration.uri.split("/")[1] ?? "",
    body,
    contentType: contentType.slice(1, -1),
    signal: AbortSignal.timeout(integration.timeoutInMillis),
    dispatcher: agent,
  }).catch((error: unknown) => {
    throw failure(error as Error);
  });
  const { statusCode, responseParameters } = responseFor(integration, String(answer.status));
  return {
    status: Number(statusCode),
    headers: { "content-type": "application/json", ...headersOf(responseParameters) },
    body: answer.body,
    integrationStatus: answer.status,
  };
}

/** What the template of the request's type makes of it. */
function bodyFor(
  integration: AwsService,
  { headers, query, body, match, context }: GatewayRequest,
) {
  const type = contentTypeOf(headers);
  const template = integration.requestTemplates[type];
  if (template === undefined)
    throw new IntegrationFailure(
      "UNSUPPORTED_MEDIA_TYPE",
      415,
      "Unsupported Media Type",
      `no template for ${type}`,
    );
  try {
    return renderTemplate(template, {
      body: body?.toString("utf8"),
      path: Object.fromEntries(
        Object.entries(match.path).map(([name, value]) => [name, decoded(value)]),
      ),
      query: Object.fromEntries(new URLSearchParams(query)),
      headers: Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name, [value ?? []].flat().join(",")]),
      ),
      context,
    });
  } catch (error) {
    const { message } = error as Error;
    throw error instanceof SyntaxError
      ? new IntegrationFailure(
          "BAD_REQUEST_BODY",
          400,
          `Could not parse request body into json: ${message}`,
          message,
        )
      : new IntegrationFailure("API_CONFIGURATION_ERROR", 500, "Internal server error", message);
  }
}

/** A part of a path without its percent signs; as it was sent where they make no text. */
function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

/** What is declared for a status of the integration: under a pattern of it, or else `default`. */
function responseFor<Response>(
  integration: { readonly responses: Readonly<Record<string, Response>> },
  status: string,
): Response {
  const response =
    Object.entries(integration.responses).find(
      ([pattern]) => pattern !== "default" && new RegExp(`^(?:${pattern})$`).test(status),
    )?.[1] ?? integration.responses.default;
  if (!response)
    throw new IntegrationFailure(
      "API_CONFIGURATION_ERROR",
      500,
      "Internal server error",
      "Execution failed due to configuration error: no match for output mapping",
    );
  return response;
}

/** Headers of the answer, from their declared names and fixed values. */
function headersOf(responseParameters: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(responseParameters).map(([name, value]) => [
      name.split(".")[3] ?? "",
      value.slice(1, -1),
    ]),
  );
}

/** Answers by itself, with the status that its request template names. */
export function mock(integration: Mock, { headers, body }: GatewayRequest): Answer {
  const template =
    integration.requestTemplates[contentTypeOf(headers)] ?? body?.toString("utf8") ?? "";
  const response = responseFor(integration, statusOf(template));
  const [mediaType, content] = Object.entries(response.responseTemplates)[0] ?? [
    "application/json",
    "",
  ];
  return {
    status: Number(response.statusCode),
    headers: { "content-type": mediaType, ...headersOf(response.responseParameters) },
    body: content,
  };
}

/** @throws IntegrationFailure if the text names no status. */
function statusOf(template: string): string {
  try {
    const { statusCode } = JSON.parse(template) as { statusCode?: unknown };
    if (typeof statusCode === "number") return String(statusCode);
  } catch {
    // Told of below.
  }
  throw new IntegrationFailure(
    "API_CONFIGURATION_ERROR",
    500,
    "Internal server error",
    "Execution failed due to configuration error: unable to transform request",
  );
}
