/** Calls of Kinesis's API, signed as AWS's SDKs sign them; HTTP/1.1, which MiniStack speaks and Kinesis's own SDK does not. */
import { sign } from "aws4";
import { request, type Dispatcher } from "undici";
import type { Services } from "../machine";

export interface KinesisAnswer {
  readonly status: number;
  readonly body: Buffer;
}

export interface KinesisCall {
  /** E.g. `PutRecords`. */
  readonly action: string;
  readonly body: string;
  readonly contentType: string;
  readonly signal?: AbortSignal;
  readonly dispatcher?: Dispatcher;
}

/** @throws what the connection throws; an error of Kinesis is an answer. */
export async function askKinesis(
  { endpoint, region, ...credentials }: Services["aws"],
  { action, body, contentType, ...options }: KinesisCall,
): Promise<KinesisAnswer> {
  const { headers = {} } = sign(
    {
      service: "kinesis",
      region,
      host: new URL(endpoint).host,
      method: "POST",
      path: "/",
      headers: { "Content-Type": contentType, "X-Amz-Target": `Kinesis_20131202.${action}` },
      body,
    },
    credentials,
  );
  const answer = await request(endpoint, {
    method: "POST",
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, String(value)]),
    ),
    body,
    ...options,
  });
  return { status: answer.statusCode, body: Buffer.from(await answer.body.arrayBuffer()) };
}

/**
 * Calls an action and gives what it answers.
 *
 * @throws Error that names the action and holds Kinesis's own error.
 */
export async function callKinesis<T>(
  aws: Services["aws"],
  action: string,
  input: object,
): Promise<T> {
  const { status, body } = await askKinesis(aws, {
    action,
    body: JSON.stringify(input),
    contentType: "application/x-amz-json-1.1",
  });
  const text = body.toString("utf8");
  if (status !== 200) throw new Error(`${action} was answered with ${status}: ${text}`);
  return JSON.parse(text || "{}") as T;
}
