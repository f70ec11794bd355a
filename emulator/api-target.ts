/**
 * A path of the ingest API as a target. Here is what its two paths share: HTTP, what the statuses mean, and a body with
 * the records of one kind, each of which the reply has a result for. What they do not share is a `Protocol`.
 */
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import axios, { isAxiosError, type AxiosInstance, type AxiosResponse } from "axios";
import type { Authorization } from "./authorization";
import { retryAfterMilliseconds } from "./delivery/backoff";
import type { BodyForm, Records } from "./delivery/records";
import type { Fault, Reply, Target, Verdict } from "./delivery/target";
import type { Kind } from "./schema";

export interface ApiOptions {
  /** The stage's invoke URL; for the batch path also the REST proxy's own address. */
  readonly url: string;
  /** Topics are named `<userId>.<kind>`, streams `streaming-<userId>-<kind>`. */
  readonly userId: string;
  /** What shows the API that the caller may post. Default: nothing. */
  readonly authorization?: Authorization;
  /** How long a request may take, in milliseconds. */
  readonly timeoutMilliseconds: number;
  /** Most connections that are kept open. */
  readonly connections: number;
}

/** What one path of the API has of its own. */
export interface Protocol
  extends Pick<BodyForm, "before" | "after">, Pick<Target, "limits" | "countedBytes"> {
  readonly method: "POST" | "PUT";
  /** Where a kind's records go, below the API's address. */
  readonly resource: (userId: string, kind: Kind) => string;
  readonly headers: Readonly<Record<string, string>>;
  /** Who answers where all is well, for messages. */
  readonly answerer: string;
  /** The member of the reply that holds one result for each record, in the request's order. */
  readonly results: string;
  readonly verdict: (result: unknown) => Verdict;
  /** What an error's body says about a request, where it says more than the status. Default: never. */
  readonly fault?: (body: unknown) => Fault | undefined;
}

/** Statuses that say: the same request may succeed later. All from 500 up say so too. */
const retriableStatuses: readonly number[] = [408, 425, 429];
/** Statuses that say: these records are not to be had in this form, others may be. */
const recordStatuses: readonly number[] = [400, 413, 422];

/** Errors of a request that reached no server. */
const neverSent: readonly string[] = ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN"];

const opening = '{"records":[';
const closing = "]}";
/** Bytes of a request's body besides its records and the one byte between two of them. */
export const envelopeBytes = opening.length + closing.length;

/**
 * The path that a protocol describes, as a target.
 *
 * @throws if the URL is none.
 */
export function apiTarget(protocol: Protocol, options: ApiOptions): Target {
  const base = new URL(options.url.endsWith("/") ? options.url : `${options.url}/`);
  const agentOptions = { keepAlive: true, maxSockets: options.connections };
  const httpAgent = new HttpAgent(agentOptions);
  const httpsAgent = new HttpsAgent(agentOptions);
  const client = axios.create({
    httpAgent,
    httpsAgent,
    maxBodyLength: Infinity,
    maxRedirects: 0,
    responseType: "text",
    transformResponse: (body: unknown) => body,
    validateStatus: () => true,
    ...(isLoopback(base.hostname) && { proxy: false }),
  });
  return {
    limits: protocol.limits,
    form: { opening, before: protocol.before, after: protocol.after, closing },
    countedBytes: protocol.countedBytes,
    send: (kind, records) => {
      const url = new URL(protocol.resource(options.userId, kind), base);
      return send(client, protocol, url, records, options);
    },
    close: () => {
      httpAgent.destroy();
      httpsAgent.destroy();
    },
  };
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || host.startsWith("127.");
}

async function send(
  client: AxiosInstance,
  protocol: Protocol,
  url: URL,
  records: Records,
  { authorization, timeoutMilliseconds }: ApiOptions,
): Promise<Reply> {
  const { method, headers } = protocol;
  const body = records.body();
  let signature: Record<string, string> | undefined;
  try {
    signature = await authorization?.({ method, url, headers, body });
  } catch (error) {
    return unsigned(error);
  }
  // The client's own timer ends with the reply's headers.
  const ending = new AbortController();
  const timer = setTimeout(() => {
    ending.abort();
  }, timeoutMilliseconds);
  try {
    const response = await client.request<string>({
      method,
      url: url.href,
      data: body,
      headers: { ...headers, ...signature },
      signal: ending.signal,
    });
    return read(protocol, response, records.count);
  } catch (error) {
    return unanswered(error, timeoutMilliseconds);
  } finally {
    clearTimeout(timer);
  }
}

function read(protocol: Protocol, response: AxiosResponse<string>, count: number): Reply {
  const { status, data } = response;
  const body = parsed(data);
  if (status !== 200) {
    const wait = retryAfterMilliseconds(response.headers["retry-after"]);
    return {
      answered: false,
      fault: faultOf(protocol, status, body),
      uncertain: status >= 500 || status === 408,
      reason: `the API answered ${status}${statusHint(status)}: ${excerpt(data)}`,
      ...(wait !== undefined && { retryAfterMilliseconds: wait }),
    };
  }
  const results = fieldsOf(body)[protocol.results];
  if (!Array.isArray(results) || results.length !== count)
    return {
      answered: false,
      fault: "target",
      uncertain: true,
      reason: `the API answered 200, but not as ${protocol.answerer} does, with one result for each record: ${excerpt(data)}`,
    };
  return { answered: true, verdicts: results.map(protocol.verdict) };
}

function faultOf(protocol: Protocol, status: number, body: unknown): Fault {
  if (status >= 500 || retriableStatuses.includes(status)) return "again";
  return protocol.fault?.(body) ?? (recordStatuses.includes(status) ? "records" : "target");
}

function statusHint(status: number): string {
  if (status === 401 || status === 403) return " (is the API key, or the IAM identity, right?)";
  if (status === 404) return " (is the API's address right, and are the topics made?)";
  return "";
}

/** What a text says as JSON, undefined if it is none. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The members of a value that others wrote; none if it is no object. */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

/** What to do about a request for which there was no signature: credentials are often to be had a moment later. */
function unsigned(error: unknown): Reply {
  return {
    answered: false,
    fault: "again",
    uncertain: false,
    reason: `the request could not be signed: ${messageOf(error)}`,
  };
}

/** What to do about a request that met no answer: what lies in the address or the certificate stays, all else may pass. */
function unanswered(error: unknown, timeoutMilliseconds: number): Reply {
  const code = isAxiosError(error) ? (error.code ?? "") : "";
  if (code === "ERR_CANCELED")
    return {
      answered: false,
      fault: "again",
      uncertain: true,
      reason: `the API did not answer: timeout of ${timeoutMilliseconds} ms exceeded`,
    };
  const lasting =
    !isAxiosError(error) || /CERT|VERIFY|TLS|SSL|ERR_INVALID|ERR_FR_|ERR_BAD_OPTION/.test(code);
  return {
    answered: false,
    fault: lasting ? "target" : "again",
    uncertain: !lasting && !neverSent.includes(code),
    reason: `the API did not answer: ${messageOf(error) || code}`,
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The beginning of a text that others wrote, on one line. */
export function excerpt(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line.length > 200 ? `${line.slice(0, 200)}…` : line;
}
