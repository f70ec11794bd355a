/**
 * The batch API: API Gateway in front of Confluent's REST proxy, whose version 2 takes many records of a topic in one
 * request and answers with one offset, or one error, for each.
 */
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import axios, { isAxiosError, type AxiosInstance, type AxiosResponse } from "axios";
import type { Authorization } from "./authorization";
import { retryAfterMilliseconds } from "./delivery/backoff";
import type { Reply, Target, Verdict } from "./delivery/target";
import { rowJson } from "./payload";
import type { Kind } from "./schema";

export interface BatchApiOptions {
  /** The stage's invoke URL, or the REST proxy's own address. */
  readonly url: string;
  /** Topics are named `<userId>.<kind>`. */
  readonly userId: string;
  /** What shows the API that the caller may post. Default: nothing. */
  readonly authorization?: Authorization;
  /** How long a request may take, in milliseconds. */
  readonly timeoutMilliseconds: number;
  /** Most connections that are kept open. */
  readonly connections: number;
}

const contentType = "application/vnd.kafka.json.v2+json";

/** Error codes of one record that Kafka may get over: of REST proxies up to 7.x, and since. */
const retriableCodes: readonly unknown[] = [2, 50003];

/** Statuses that say: the same request may succeed later. All from 500 up say so too. */
const retriableStatuses: readonly number[] = [408, 425, 429];
/** Statuses that say: these records are not to be had in this form, others may be. */
const recordStatuses: readonly number[] = [400, 413, 422];

const opening = '{"records":[';
const closing = "]}";

/**
 * The batch API as a target.
 *
 * @throws if the URL is none.
 */
export function batchApi(options: BatchApiOptions): Target {
  const base = new URL(options.url.endsWith("/") ? options.url : `${options.url}/`);
  const agentOptions = { keepAlive: true, maxSockets: options.connections };
  const httpAgent = new HttpAgent(agentOptions);
  const httpsAgent = new HttpsAgent(agentOptions);
  const client = axios.create({
    httpAgent,
    httpsAgent,
    timeout: options.timeoutMilliseconds,
    maxBodyLength: Infinity,
    maxRedirects: 0,
    responseType: "text",
    transformResponse: (body: unknown) => body,
    validateStatus: () => true,
    ...(isLoopback(base.hostname) && { proxy: false }),
  });
  return {
    // API Gateway's limit of 10 MB a request, which it counts as decimal megabytes.
    requestBytes: 10_000_000,
    envelopeBytes: opening.length + closing.length,
    encode: (kind, key, row) => `{"key":${key},"value":${rowJson(kind, row)}}`,
    send: (kind, records) =>
      send(client, topicUrl(base, options.userId, kind), records, options.authorization),
    close: () => {
      httpAgent.destroy();
      httpsAgent.destroy();
    },
  };
}

function topicUrl(base: URL, userId: string, kind: Kind): URL {
  return new URL(`topics/${encodeURIComponent(`${userId}.${kind}`)}`, base);
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || host.startsWith("127.");
}

async function send(
  client: AxiosInstance,
  url: URL,
  records: readonly string[],
  authorization: Authorization = () => Promise.resolve({}),
): Promise<Reply> {
  const body = Buffer.from(opening + records.join(",") + closing);
  const headers = { "Content-Type": contentType, Accept: "application/vnd.kafka.v2+json" };
  try {
    const signature = await authorization({ method: "POST", url, headers, body });
    const response = await client.post<string>(url.href, body, {
      headers: { ...headers, ...signature },
    });
    return read(response, records.length);
  } catch (error) {
    return unanswered(error);
  }
}

function read(response: AxiosResponse<string>, count: number): Reply {
  const { status, data } = response;
  if (status !== 200) {
    const fault =
      status >= 500 || retriableStatuses.includes(status)
        ? "again"
        : recordStatuses.includes(status)
          ? "records"
          : "target";
    const wait = retryAfterMilliseconds(response.headers["retry-after"]);
    return {
      answered: false,
      fault,
      reason: `the API answered ${status}${statusHint(status)}: ${excerpt(data)}`,
      ...(wait !== undefined && { retryAfterMilliseconds: wait }),
    };
  }
  const offsets = offsetsOf(data);
  if (offsets?.length !== count)
    return {
      answered: false,
      fault: "target",
      reason: `the API answered 200 without one offset for each record, so it is no REST proxy: ${excerpt(data)}`,
    };
  return { answered: true, verdicts: offsets.map(verdict) };
}

function statusHint(status: number): string {
  if (status === 401 || status === 403) return " (is the API key, or the IAM identity, right?)";
  if (status === 404) return " (is the API's address right, and are the topics made?)";
  return "";
}

function offsetsOf(body: string): readonly unknown[] | undefined {
  try {
    const reply: unknown = JSON.parse(body);
    if (typeof reply !== "object" || reply === null || !("offsets" in reply)) return undefined;
    return Array.isArray(reply.offsets) ? reply.offsets : undefined;
  } catch {
    return undefined;
  }
}

function verdict(offset: unknown): Verdict {
  if (typeof offset !== "object" || offset === null)
    return {
      retriable: false,
      reason: "the API answered for a record with neither offset nor error",
    };
  const { error_code: code, error } = offset as { error_code?: unknown; error?: unknown };
  if (code === null || code === undefined) return "accepted";
  const reason = `Kafka refused a record with error ${JSON.stringify(code)}: ${excerpt(String(error))}`;
  return { retriable: retriableCodes.includes(code), reason };
}

/** What to do about a request that met no answer: what lies in the address or the certificate stays, all else may pass. */
function unanswered(error: unknown): Reply {
  const code = isAxiosError(error) ? (error.code ?? "") : "";
  const lasting =
    !isAxiosError(error) || /CERT|TLS|SSL|ERR_INVALID|ERR_FR_|ERR_BAD_OPTION/.test(code);
  const message = error instanceof Error ? error.message : String(error);
  return {
    answered: false,
    fault: lasting ? "target" : "again",
    reason: `the API did not answer: ${message || code}`,
  };
}

/** The beginning of a text that others wrote, on one line. */
function excerpt(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line.length > 200 ? `${line.slice(0, 200)}…` : line;
}
