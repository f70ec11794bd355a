/**
 * IngestApi: the public door of the pipeline, one REST API of API Gateway made from one OpenAPI document.
 *
 * `POST {invokeUrl}/topics/<id>.pin` reaches the Kafka REST proxy behind the network load balancer through a VPC link;
 * nothing of the proxy faces the internet. With `streams`, `PUT {invokeUrl}/streams/streaming-<id>-pin/record` puts a post
 * into a Kinesis stream; bodies are validated first.
 *
 * Defaults:
 * - regional endpoint, TLS 1.2 or newer with forward secrecy, and only by the API's own host name;
 * - every method but the CORS preflight asks for an API key, which API Gateway makes up and only the stack's secret
 *   output tells; or for a SigV4 signature;
 * - requests are throttled, for the stage as a whole and for the key;
 * - text bodies only; bodies are never logged (no data trace, no execution log, which would escape retention and
 *   encryption);
 * - an access log in JSON, encrypted with a KMS key of its own, kept for 90 days;
 * - a new deployment exactly when the document changes; the stage moves to it before the old one goes;
 * - on streams the API may do what its role may: on these alone, and not delete them unless `streams.allowDeletion` says so;
 * - no WAF, no quota, no X-Ray tracing, no resource policy: an API key or a signature is what lets a caller in.
 */
import { createHash } from "node:crypto";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { encryptedLog } from "../encrypted-log";
import { type Fault, refuseFaults } from "../faults";
import type { Tags } from "../tags";
import { accessLogFormat } from "./access-log";
import { accountLogging } from "./account-logging";
import { batchPaths } from "./batch-paths";
import { authorizations, openApiDocument, type Authorization } from "./openapi";
import { streamModels } from "./stream-models";
import { streamPaths } from "./stream-paths";
import { streamRole, type StreamRole } from "./stream-role";

/** The Kinesis streams that the API puts posts into. */
export interface IngestStreams {
  /** Names of the streams. */
  readonly names: pulumi.Input<pulumi.Input<string>[]>;
  readonly arns: pulumi.Input<pulumi.Input<string>[]>;
  /** ARN of the KMS key that encrypts them. */
  readonly keyArn: pulumi.Input<string>;
  /**
   * Whether `DELETE /streams/<name>` may delete them, with all that is in them. Default false: it is answered with Kinesis's
   * AccessDeniedException, so that no holder of the API's key can destroy what the stack protects.
   */
  readonly allowDeletion?: boolean;
}

export interface IngestApiArgs {
  /** URL of the Kafka REST proxy as the load balancer offers it, `http://<host>:<port>`. */
  proxyUrl: pulumi.Input<string>;
  /** ARN of the network load balancer in front of the REST proxy. */
  loadBalancerArn: pulumi.Input<string>;
  /** Default: none, and the API has no paths below `/streams`. */
  streams?: IngestStreams;
  /** AWS region that the stack is in. */
  region: pulumi.Input<string>;
  /** AWS account that the stack is in, 12 digits. */
  accountId: pulumi.Input<string>;
  /** How callers prove themselves. Default `apiKey`. */
  authorization?: Authorization;
  /** Requests a second that the stage takes on average. Default 500. */
  throttleRate?: pulumi.Input<number>;
  /** Requests that the stage takes at once. Default 1,000. */
  throttleBurst?: pulumi.Input<number>;
  /** Name of the stage, the first part of each path. Default `v1`. */
  stageName?: pulumi.Input<string>;
  /** How long API Gateway waits for the REST proxy and for Kinesis, ms, 50 to 29,000. Default 29,000. */
  timeoutMillis?: pulumi.Input<number>;
  /** Origin that browsers may call from. Default `*`: callers prove themselves by a header, never by a cookie. */
  allowedOrigin?: pulumi.Input<string>;
  /** Days that the access log is kept. Default 90. */
  logRetentionDays?: pulumi.Input<number>;
  /**
   * Whether this stack owns the region's one API Gateway logging role. A stage with an access log cannot be made where
   * the account has none. Default false: the setting is shared by every API of the account in the region, and destroying
   * the stack that owns it silences them all, so it takes someone who says so, in one stack a region.
   */
  manageAccountLogging?: boolean;
  /** Whether requests are traced with X-Ray. Default false. */
  tracing?: pulumi.Input<boolean>;
  /** Tags of everything in it. Default none. */
  tags?: Tags;
}

/** TLS 1.3, and TLS 1.2 with ciphers that keep forward secrecy. API Gateway's own default still takes TLS 1.0. */
const securityPolicy = "SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09";

/** Refuses a request whose TLS host name is not the one that it then asks for. Security policies of this kind need it set. */
const endpointAccessMode = "STRICT";

export class IngestApi extends pulumi.ComponentResource {
  /** `https://<api>.execute-api.<region>.amazonaws.com/<stage>`, without a slash at the end. */
  readonly invokeUrl: pulumi.Output<string>;
  /** The key that callers send as `x-api-key`, secret; undefined where `authorization` is `iam`. */
  readonly apiKey: pulumi.Output<string> | undefined;
  readonly restApiId: pulumi.Output<string>;
  /** Name of the API, by which CloudWatch knows it. */
  readonly apiName: pulumi.Output<string>;
  readonly stageName: pulumi.Output<string>;
  /** `arn:aws:execute-api:<region>:<account>:<api>`, what IAM policies of callers name. */
  readonly executionArn: pulumi.Output<string>;

  /** @throws pulumi.InputPropertiesError if arguments are faulty. */
  constructor(name: string, args: IngestApiArgs, opts?: pulumi.ComponentResourceOptions) {
    super("pinterest:api:IngestApi", name, {}, opts);
    refuseFaults(`IngestApi "${name}"`, faultsOf(args));
    const { authorization = "apiKey", throttleRate = 500, throttleBurst = 1000, tags } = args;
    const { region, accountId } = args;
    const child = { parent: this };

    const link = new aws.apigateway.VpcLink(
      `${name}-link`,
      { description: "To the Kafka REST proxy", targetArn: args.loadBalancerArn, tags },
      child,
    );
    const roleOfStreams =
      args.streams &&
      streamRole(
        `${name}-streams`,
        {
          region,
          streamArns: args.streams.arns,
          keyArn: args.streams.keyArn,
          allowDeletion: args.streams.allowDeletion ?? false,
          tags,
        },
        child,
      );
    const document = this.document(name, args, link, roleOfStreams);
    const api = new aws.apigateway.RestApi(
      `${name}-api`,
      {
        description: "Takes the pipeline's posts in",
        body: document,
        endpointConfiguration: { types: "REGIONAL" },
        // Also in the document, whose import would else set them back.
        securityPolicy,
        endpointAccessMode,
        disableExecuteApiEndpoint: false,
        tags,
      },
      child,
    );
    const deployment = new aws.apigateway.Deployment(
      `${name}-deployment`,
      {
        restApi: api.id,
        // A changed document is not live before it is deployed. A trigger's change makes a new deployment, and Pulumi
        // deletes the old one only once the stage has moved.
        triggers: {
          document: document.apply((body) => createHash("sha256").update(body).digest("hex")),
        },
      },
      child,
    );
    const log = encryptedLog(
      `${name}-access-log`,
      { region, accountId, retentionDays: args.logRetentionDays ?? 90, tags },
      child,
    );
    const account = args.manageAccountLogging
      ? accountLogging(`${name}-account`, { region, accountId, tags }, child)
      : undefined;
    const stage = new aws.apigateway.Stage(
      `${name}-stage`,
      {
        restApi: api.id,
        deployment: deployment.id,
        stageName: args.stageName ?? "v1",
        accessLogSettings: { destinationArn: log.arn, format: accessLogFormat },
        xrayTracingEnabled: args.tracing ?? false,
        tags,
      },
      { ...child, dependsOn: [account, roleOfStreams?.policy].filter((one) => one !== undefined) },
    );
    new aws.apigateway.MethodSettings(
      `${name}-settings`,
      {
        restApi: api.id,
        stageName: stage.stageName,
        methodPath: "*/*",
        settings: {
          metricsEnabled: true,
          dataTraceEnabled: false,
          loggingLevel: "OFF",
          throttlingRateLimit: throttleRate,
          throttlingBurstLimit: throttleBurst,
        },
      },
      child,
    );

    this.restApiId = api.id;
    this.apiName = api.name;
    this.stageName = stage.stageName;
    this.invokeUrl = stage.invokeUrl;
    this.executionArn = api.executionArn;
    this.apiKey = authorization === "apiKey" ? this.key(name, stage, args) : undefined;
    this.registerOutputs({
      invokeUrl: this.invokeUrl,
      apiKey: this.apiKey,
      restApiId: this.restApiId,
      apiName: this.apiName,
      stageName: this.stageName,
      executionArn: this.executionArn,
    });
  }

  /** The OpenAPI document, as JSON. */
  private document(
    name: string,
    args: IngestApiArgs,
    link: aws.apigateway.VpcLink,
    roleOfStreams: StreamRole | undefined,
  ): pulumi.Output<string> {
    const { authorization = "apiKey", allowedOrigin = "*", timeoutMillis = 29_000 } = args;
    const streamNames = pulumi.output(args.streams?.names ?? []);
    return pulumi
      .all([
        args.proxyUrl,
        link.id,
        args.region,
        roleOfStreams?.role.arn,
        streamNames,
        allowedOrigin,
        timeoutMillis,
      ])
      .apply(([proxyUrl, vpcLinkId, region, roleArn, names, origin, timeout]) =>
        JSON.stringify(
          openApiDocument(
            {
              title: name,
              description: "Takes the pipeline's posts in",
              authorization,
              allowedOrigin: origin,
              securityPolicy,
              endpointAccessMode,
              ...(roleArn && { models: streamModels }),
            },
            [
              batchPaths({ proxyUrl, vpcLinkId, timeoutMillis: timeout }),
              ...(roleArn
                ? [
                    streamPaths({
                      region,
                      roleArn,
                      streamNames: names,
                      allowedOrigin: origin,
                      timeoutMillis: timeout,
                    }),
                  ]
                : []),
            ],
          ),
        ),
      );
  }

  /** The one key of the API, with the usage plan without which a key opens nothing. */
  private key(
    name: string,
    stage: aws.apigateway.Stage,
    { throttleRate = 500, throttleBurst = 1000, tags }: IngestApiArgs,
  ): pulumi.Output<string> {
    const plan = new aws.apigateway.UsagePlan(
      `${name}-plan`,
      {
        description: "What one caller may send",
        apiStages: [{ apiId: stage.restApi, stage: stage.stageName }],
        throttleSettings: { rateLimit: throttleRate, burstLimit: throttleBurst },
        tags,
      },
      { parent: this },
    );
    const key = new aws.apigateway.ApiKey(
      `${name}-key`,
      { description: "The emulator's key", enabled: true, tags },
      { parent: this },
    );
    new aws.apigateway.UsagePlanKey(
      `${name}-plan-key`,
      { usagePlanId: plan.id, keyId: key.id, keyType: "API_KEY" },
      // It answers the key's value too.
      { parent: this, additionalSecretOutputs: ["value"] },
    );
    return pulumi.secret(key.value);
  }
}

function faultsOf(args: IngestApiArgs): Fault[] {
  const faults: Fault[] = [];
  const expect = (propertyPath: keyof IngestApiArgs, holds: boolean, reason: string) => {
    if (!holds) faults.push({ propertyPath, reason });
  };
  const { authorization = "apiKey", stageName, timeoutMillis, throttleRate, throttleBurst } = args;
  expect(
    "authorization",
    authorizations.includes(authorization),
    `must be ${authorizations.join(" or ")}`,
  );
  expect(
    "stageName",
    typeof stageName !== "string" || /^[A-Za-z0-9_-]{1,128}$/.test(stageName),
    "must be 1 to 128 letters, digits, hyphens or underscores",
  );
  expect(
    "timeoutMillis",
    typeof timeoutMillis !== "number" || (timeoutMillis >= 50 && timeoutMillis <= 29_000),
    "must be 50 to 29,000 ms",
  );
  expect(
    "throttleRate",
    typeof throttleRate !== "number" || throttleRate > 0,
    "must be more than 0, or nothing gets through",
  );
  expect(
    "throttleBurst",
    typeof throttleBurst !== "number" || throttleBurst > 0,
    "must be more than 0, or nothing gets through",
  );
  return faults;
}
