/** What API Gateway does with a request that may pass: one function for each type of integration. */
import type { IncomingHttpHeaders } from "node:http";
import { Agent, errors, request as send } from "undici";
import { fill, type Context } from "./context";
import { hostOf, type HttpProxy, type Match, type Mock } from "./document";

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
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: Buffer | string;
}

/** An integration that gave no answer; `type` is that of API Gateway's own response to it. */
export class IntegrationFailure extends Error {
  constructor(
    readonly type: "INTEGRATION_TIMEOUT" | "INTEGRATION_FAILURE" | "API_CONFIGURATION_ERROR",
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

/** Answers by itself, with the status that its request template names. */
export function mock(integration: Mock, { headers, body }: GatewayRequest): Answer {
  const type = (headers["content-type"] ?? "application/json").split(";")[0] ?? "";
  const template = integration.requestTemplates[type] ?? body?.toString("utf8") ?? "";
  const status = statusOf(template);
  const response =
    Object.entries(integration.responses).find(
      ([pattern]) => pattern !== "default" && new RegExp(`^(?:${pattern})$`).test(status ?? ""),
    )?.[1] ?? integration.responses.default;
  if (status === undefined || !response)
    throw new IntegrationFailure(
      "API_CONFIGURATION_ERROR",
      500,
      "Internal server error",
      "Execution failed due to configuration error: no match for output mapping",
    );
  const [mediaType, content] = Object.entries(response.responseTemplates)[0] ?? [
    "application/json",
    "",
  ];
  return {
    status: Number(response.statusCode),
    headers: {
      "content-type": mediaType,
      ...Object.fromEntries(
        Object.entries(response.responseParameters).map(([name, value]) => [
          name.split(".")[3] ?? "",
          value.slice(1, -1),
        ]),
      ),
    },
    body: content,
  };
}

function statusOf(template: string): string | undefined {
  try {
    const { statusCode } = JSON.parse(template) as { statusCode?: unknown };
    return typeof statusCode === "number" ? String(statusCode) : undefined;
  } catch {
    return undefined;
  }
}
