import { anyMethod, type PathGroup } from "./openapi";

export interface BatchPathsOptions {
  /** Where the Kafka REST proxy listens, such as `http://<load balancer>:8082`, without a slash at the end. */
  readonly proxyUrl: string;
  /** Id of the VPC link that leads to it. */
  readonly vpcLinkId: string;
  /** How long API Gateway waits for an answer, ms. */
  readonly timeoutMillis: number;
}

/**
 * The batch path: whatever is asked is passed on to the Kafka REST proxy, so that a post for topic `<id>.pin` goes to
 * `/topics/<id>.pin`.
 *
 * The proxy's own answers pass back untouched, their CORS header included or not: that is the proxy's setting
 * `access.control.allow.origin`.
 */
export function batchPaths({ proxyUrl, vpcLinkId, timeoutMillis }: BatchPathsOptions): PathGroup {
  return {
    "/{proxy+}": {
      [anyMethod]: {
        summary: "Pass the request on to the Kafka REST proxy",
        responses: { "200": { description: "What the Kafka REST proxy answers" } },
        "x-amazon-apigateway-integration": {
          type: "http_proxy",
          httpMethod: "ANY",
          connectionType: "VPC_LINK",
          connectionId: vpcLinkId,
          uri: `${proxyUrl}/{proxy}`,
          requestParameters: { "integration.request.path.proxy": "method.request.path.proxy" },
          passthroughBehavior: "when_no_match",
          timeoutInMillis: timeoutMillis,
        },
      },
    },
  };
}
