import {
  fixed,
  validated,
  type Method,
  type MethodResponse,
  type PathGroup,
  type PathParameter,
} from "./openapi";
import type { streamModels } from "./stream-models";
import { streamTemplates, type StreamAction } from "./stream-templates";

export interface StreamPathsOptions {
  /** Region of the streams. */
  readonly region: string;
  /** ARN of the role that API Gateway calls Kinesis with: what it may do is what callers may do. */
  readonly roleArn: string;
  /** The streams that the role may use. */
  readonly streamNames: readonly string[];
  /** The origin that browsers may read answers from, or `*`. */
  readonly allowedOrigin: string;
  /** How long API Gateway waits for an answer, ms. */
  readonly timeoutMillis: number;
}

/**
 * Statuses of Kinesis by their patterns, each passed on as it is, and what stands for the others of their hundred: to API Gateway a
 * status without a pattern is a success. Each status has one pattern: API Gateway keeps an integration's responses by status, so
 * that of two one would be lost. Kinesis tells most errors apart in the body, which has `__type` and `message`: a throttled
 * request is 400, `ProvisionedThroughputExceededException`.
 */
const errorStatuses: Readonly<Record<string, string>> = {
  "403": "403",
  "413": "413",
  "4(?!03|13)\\d{2}": "400",
  "503": "503",
  "5(?!03)\\d{2}": "500",
};

const originHeader = "Access-Control-Allow-Origin";

function answered(description: string): MethodResponse {
  return { description, headers: { [originHeader]: { schema: { type: "string" } } } };
}

/**
 * The stream path: six actions of Kinesis, so that a post for stream `streaming-<id>-pin` goes to
 * `PUT /streams/streaming-<id>-pin/record`, and many at once to `…/records`.
 *
 * A reply to `…/records` is 200 even where Kinesis refused some of them: its `FailedRecordCount` and each record's `ErrorCode` tell.
 */
export function streamPaths(options: StreamPathsOptions): PathGroup {
  const { region, roleArn, streamNames, allowedOrigin, timeoutMillis } = options;
  const stream: PathParameter = {
    name: "stream-name",
    in: "path",
    required: true,
    description: "Any other stream is refused by IAM: 400, AccessDeniedException",
    schema: { type: "string", enum: streamNames },
  };
  const responseParameters = { [`method.response.header.${originHeader}`]: fixed(allowedOrigin) };
  const responseOf = (statusCode: string) => ({ statusCode, responseParameters });
  const calls = (action: StreamAction, summary: string, body?: Partial<Method>): Method => ({
    summary,
    ...(action !== "ListStreams" && { parameters: [stream] }),
    ...body,
    responses: {
      "200": answered(`Kinesis's answer to ${action}`),
      ...Object.fromEntries(
        Object.values(errorStatuses).map((status) => [status, answered("Kinesis's error")]),
      ),
    },
    "x-amazon-apigateway-integration": {
      type: "aws",
      httpMethod: "POST",
      uri: `arn:aws:apigateway:${region}:kinesis:action/${action}`,
      credentials: roleArn,
      requestParameters: {
        "integration.request.header.Content-Type": fixed("application/x-amz-json-1.1"),
      },
      requestTemplates: { "application/json": streamTemplates[action] },
      passthroughBehavior: "never",
      timeoutInMillis: timeoutMillis,
      responses: {
        default: responseOf("200"),
        ...Object.fromEntries(
          Object.entries(errorStatuses).map(([pattern, status]) => [pattern, responseOf(status)]),
        ),
      },
    },
  });
  const valid = (model: keyof typeof streamModels, required = true) =>
    validated(model, { required });
  return {
    "/streams": {
      get: calls("ListStreams", "List the names of all streams of the account in this region"),
    },
    "/streams/{stream-name}": {
      get: calls("DescribeStream", "Tell a stream's state and shards"),
      post: calls("CreateStream", "Make a stream anew", valid("CreateStream", false)),
      delete: calls("DeleteStream", "Delete a stream and all that is in it"),
    },
    "/streams/{stream-name}/record": {
      put: calls("PutRecord", "Put one post into a stream", valid("PutRecord")),
    },
    "/streams/{stream-name}/records": {
      put: calls("PutRecords", "Put up to 500 posts into a stream", valid("PutRecords")),
    },
  };
}
