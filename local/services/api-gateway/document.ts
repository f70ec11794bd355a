/**
 * Reads an OpenAPI document with API Gateway's extensions. What the local gateway does not execute is refused, never ignored: a
 * document that deploys here behaves here as it does in the cloud.
 */
import { Ajv, type ValidateFunction } from "ajv";
import { z } from "zod";
import { templateFault } from "./velocity";

const text = z.string();

/** A value that API Gateway takes as it stands, in single quotes. */
const fixed = text.regex(/^'[^']*'$/, "only a fixed value in single quotes is supported here");

const template = text.regex(/^[^$#]*$/, "only a template without variables is supported here");

const velocity = text.superRefine((value, context) => {
  const fault = templateFault(value);
  if (fault) context.addIssue(`the template ${fault}`);
});

const mappedParameters = z
  .record(
    text.regex(
      /^integration\.request\.(path|querystring|header)\.[^.]+$/,
      "is no parameter of an integration",
    ),
    text.regex(
      /^(method\.request\.(path|querystring|header)\.[^.]+|context\.[A-Za-z.]+|'[^']*')$/,
      "is no value that can be mapped here",
    ),
  )
  .default({});

const passthroughBehavior = z.enum(["when_no_match", "when_no_templates", "never"]);
const timeoutInMillis = z.int().min(50).max(29_000).default(29_000);

const httpProxy = z.strictObject({
  type: z.enum(["http_proxy", "HTTP_PROXY"]),
  httpMethod: text,
  connectionType: z.enum(["VPC_LINK", "INTERNET"]).optional(),
  connectionId: text.optional(),
  uri: text.regex(/^http:\/\/[^/]+(\/.*)?$/, "only http://<host>:<port>/<path> is supported here"),
  requestParameters: mappedParameters,
  passthroughBehavior: passthroughBehavior.optional(),
  timeoutInMillis,
});

const integrationResponse = {
  statusCode: text.regex(/^\d{3}$/),
  responseParameters: z.record(text.regex(/^method\.response\.header\.[^.]+$/), fixed).default({}),
};

const pattern = text.refine((value) => {
  try {
    new RegExp(value);
    return true;
  } catch {
    return false;
  }
}, "is no pattern of statuses");

/** Of all services only Kinesis, the one that the pipeline's API calls. */
const awsService = z.strictObject({
  type: z.enum(["aws", "AWS"]),
  httpMethod: z.literal("POST"),
  uri: text.regex(
    /^arn:aws:apigateway:[a-z0-9-]+:kinesis:action\/[A-Za-z]+$/,
    "only an action of Kinesis is supported here",
  ),
  credentials: text.regex(
    /^arn:aws:iam::\d{12}:role\/.+$/,
    "must be the role that the action is called with",
  ),
  requestParameters: z.strictObject({
    "integration.request.header.Content-Type": fixed,
  }),
  requestTemplates: z.record(text, velocity),
  // Without it a request that has no template would go on to Kinesis as it is.
  passthroughBehavior: z.literal("never"),
  timeoutInMillis,
  responses: z.record(pattern, z.strictObject(integrationResponse)),
});

const mock = z.strictObject({
  type: z.enum(["mock", "MOCK"]),
  requestTemplates: z.record(text, template).default({}),
  passthroughBehavior: passthroughBehavior.optional(),
  responses: z.record(
    text,
    z.strictObject({
      ...integrationResponse,
      responseTemplates: z.record(text, template).default({}),
    }),
  ),
});

/**
 * A model: JSON Schema without what API Gateway does not take ("Amazon API Gateway important notes"). Of an imported document API Gateway
 * may leave `minItems` and `maxItems` out of what it validates; here they count.
 */
interface Model {
  type: "object" | "array" | "string" | "integer" | "number" | "boolean";
  description?: string | undefined;
  required?: string[] | undefined;
  properties?: Record<string, Model> | undefined;
  items?: Model | undefined;
  minLength?: number | undefined;
  maxLength?: number | undefined;
  minimum?: number | undefined;
  maximum?: number | undefined;
  minItems?: number | undefined;
  maxItems?: number | undefined;
}

const model: z.ZodType<Model> = z.strictObject({
  type: z.enum(["object", "array", "string", "integer", "number", "boolean"]),
  description: text.optional(),
  required: z.array(text).optional(),
  properties: z
    .record(
      text,
      z.lazy(() => model),
    )
    .optional(),
  items: z.lazy(() => model).optional(),
  minLength: z.int().optional(),
  maxLength: z.int().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  minItems: z.int().optional(),
  maxItems: z.int().optional(),
});

const modelReference = /^#\/components\/schemas\/([A-Za-z0-9]+)$/;

const method = z.strictObject({
  summary: text.optional(),
  description: text.optional(),
  operationId: text.optional(),
  tags: z.array(text).optional(),
  parameters: z
    .array(
      z.strictObject({
        name: text,
        in: z.enum(["path", "query", "header"]),
        description: text.optional(),
        // Without a request validator API Gateway checks no parameter.
        required: z.boolean().optional(),
        schema: z.unknown(),
      }),
    )
    .optional(),
  requestBody: z
    .strictObject({
      description: text.optional(),
      // API Gateway takes a body that is missing for an empty object, whatever this says.
      required: z.boolean().optional(),
      content: z.strictObject({
        "application/json": z.strictObject({
          schema: z.strictObject({ $ref: text.regex(modelReference, "must name a model") }),
        }),
      }),
    })
    .optional(),
  responses: z.record(text, z.unknown()),
  security: z
    .array(z.record(text, z.array(z.never())))
    .max(1)
    .default([]),
  "x-amazon-apigateway-request-validator": text.optional(),
  "x-amazon-apigateway-integration": z.discriminatedUnion("type", [httpProxy, mock, awsService]),
});

const methodNames = ["get", "put", "post", "delete", "patch", "head", "options"] as const;
const anyMethod = "x-amazon-apigateway-any-method";

const pathItem = z.partialRecord(z.enum([...methodNames, anyMethod]), method);

const gatewayResponse = z.strictObject({
  statusCode: text.regex(/^\d{3}$/).optional(),
  responseParameters: z.record(text.regex(/^gatewayresponse\.header\.[^.]+$/), fixed).default({}),
  responseTemplates: z.strictObject({ "application/json": text }).partial().default({}),
});

const document = z.strictObject({
  openapi: text.regex(/^3\.0\.\d+$/, "only OpenAPI 3.0 is taken by API Gateway"),
  info: z.looseObject({ title: text }),
  paths: z.record(
    text.regex(/^\/([^{}]+|\{[^{}+]+\+?\})?(\/([^{}/]+|\{[^{}+]+\+?\}))*$/, "is no path"),
    pathItem,
  ),
  components: z
    .strictObject({
      securitySchemes: z
        .record(
          text,
          z.strictObject({
            type: z.literal("apiKey"),
            name: text,
            in: z.literal("header"),
            "x-amazon-apigateway-authtype": z.literal("awsSigv4").optional(),
          }),
        )
        .default({}),
      schemas: z.record(text.regex(/^[A-Za-z0-9]+$/), model).default({}),
    })
    .default({ securitySchemes: {}, schemas: {} }),
  "x-amazon-apigateway-api-key-source": z.literal("HEADER").optional(),
  "x-amazon-apigateway-request-validators": z
    .record(
      text,
      z.strictObject({
        validateRequestBody: z.boolean(),
        validateRequestParameters: z.literal(false, "parameters are not validated here").optional(),
      }),
    )
    .default({}),
  "x-amazon-apigateway-gateway-responses": z.record(text, gatewayResponse).default({}),
  // Of TLS and host names, which a server on 127.0.0.1 has neither of.
  "x-amazon-apigateway-security-policy": text.optional(),
  "x-amazon-apigateway-endpoint-access-mode": text.optional(),
});

export type HttpProxy = z.infer<typeof httpProxy>;
export type Mock = z.infer<typeof mock>;
export type AwsService = z.infer<typeof awsService>;
export type Integration = HttpProxy | Mock | AwsService;
export type GatewayResponse = z.infer<typeof gatewayResponse>;

/** How a method's callers prove themselves. */
export type Authorization = "none" | "apiKey" | "iam";

export interface Method {
  /** As declared, e.g. `/{proxy+}`. */
  readonly resourcePath: string;
  readonly authorization: Authorization;
  /** What is wrong with a body, if it must be what a model says. */
  readonly bodyFault: ((body: string, contentType: string) => string | undefined) | undefined;
  readonly integration: Integration;
}

/** A method found for a request, with the path's parameters as they were sent, still percent-encoded. */
export interface Match {
  readonly method: Method;
  readonly path: Readonly<Record<string, string>>;
}

interface Resource {
  readonly segments: readonly string[];
  readonly methods: ReadonlyMap<string, Method>;
}

export class Api {
  private constructor(
    private readonly resources: readonly Resource[],
    private readonly responses: Readonly<Record<string, GatewayResponse>>,
  ) {}

  /** @throws Error that names each construct that is not supported here, and where it stands. */
  static read(source: unknown): Api {
    const parsed = document.safeParse(source);
    if (!parsed.success)
      throw new Error(
        `the OpenAPI document cannot be executed here:\n${z.prettifyError(parsed.error)}`,
      );
    const { paths, components, ...rest } = parsed.data;
    const authorizationOf = (security: readonly Record<string, unknown>[]): Authorization => {
      const [name] = Object.keys(security[0] ?? {});
      if (name === undefined) return "none";
      const scheme = components.securitySchemes[name];
      if (!scheme) throw new Error(`the OpenAPI document has no security scheme ${name}`);
      return scheme["x-amazon-apigateway-authtype"] ? "iam" : "apiKey";
    };
    const models = new Ajv({ schemas: {}, strict: true });
    for (const [name, schema] of Object.entries(components.schemas)) models.addSchema(schema, name);
    const validators = rest["x-amazon-apigateway-request-validators"];
    const bodyFaultOf = (declared: z.infer<typeof method>, where: string): Method["bodyFault"] => {
      const validator = declared["x-amazon-apigateway-request-validator"];
      if (validator === undefined) return undefined;
      if (!validators[validator])
        throw new Error(
          `the x-amazon-apigateway-request-validator ${validator} of ${where} is not in the OpenAPI document`,
        );
      const reference = declared.requestBody?.content["application/json"].schema.$ref;
      const [, name = ""] = modelReference.exec(reference ?? "") ?? [];
      const validate = models.getSchema(name);
      if (!validate) throw new Error(`the OpenAPI document has no model for the body of ${where}`);
      return validators[validator].validateRequestBody ? bodyFault(validate) : undefined;
    };
    const resources = Object.entries(paths).map(([resourcePath, item]) => ({
      segments: resourcePath.split("/").slice(1),
      methods: new Map(
        Object.entries(item).map(([name, declared]) => [
          name === anyMethod ? name : name.toUpperCase(),
          {
            resourcePath,
            authorization: authorizationOf(declared.security),
            bodyFault: bodyFaultOf(declared, `${name} ${resourcePath}`),
            integration: declared["x-amazon-apigateway-integration"],
          },
        ]),
      ),
    }));
    return new Api(
      resources.sort((one, other) => rank(one).localeCompare(rank(other))),
      rest["x-amazon-apigateway-gateway-responses"],
    );
  }

  /** The method for a path below the stage, e.g. `/topics/a`: the most exact path that has it. */
  find(verb: string, path: string): Match | undefined {
    const segments = path.split("/").slice(1);
    for (const resource of this.resources) {
      const parameters = match(resource.segments, segments);
      const method = parameters && (resource.methods.get(verb) ?? resource.methods.get(anyMethod));
      if (parameters && method) return { method, path: parameters };
    }
    return undefined;
  }

  /** How the gateway's own answer of a type is changed, if it is. */
  gatewayResponse(type: string, status: number): GatewayResponse | undefined {
    return this.responses[type] ?? this.responses[status < 500 ? "DEFAULT_4XX" : "DEFAULT_5XX"];
  }

  /** `host:port` of every integration. */
  hosts(): Set<string> {
    const integrations = this.resources.flatMap(({ methods }) =>
      [...methods.values()].map(({ integration }) => integration),
    );
    return new Set(
      integrations.flatMap((integration) =>
        isHttpProxy(integration) ? [hostOf(integration.uri)] : [],
      ),
    );
  }
}

export function isHttpProxy(integration: Integration): integration is HttpProxy {
  return integration.type.toLowerCase() === "http_proxy";
}

export function isAwsService(integration: Integration): integration is AwsService {
  return integration.type.toLowerCase() === "aws";
}

/** API Gateway validates bodies of the model's content type only. */
function bodyFault(validate: ValidateFunction) {
  return (body: string, contentType: string): string | undefined => {
    if (contentType !== "application/json") return undefined;
    let value: unknown;
    try {
      value = JSON.parse(body);
    } catch (error) {
      return `[${(error as Error).message}]`;
    }
    if (validate(value)) return undefined;
    const faults = (validate.errors ?? []).map(
      ({ instancePath, message = "" }) => `${instancePath || "the body"} ${message}`,
    );
    return `[${faults.join(", ")}]`;
  };
}

/** `host:port` of an integration's URI. */
export function hostOf(uri: string): string {
  const authority = uri.slice("http://".length).split("/")[0] ?? "";
  return authority.includes(":") ? authority : `${authority}:80`;
}

const isGreedy = (segment: string) => segment.endsWith("+}");
const isParameter = (segment: string) => segment.startsWith("{");

/** Orders paths, the most exact first. */
function rank({ segments }: Resource): string {
  return segments
    .map((segment) => (isGreedy(segment) ? "3" : isParameter(segment) ? "2" : "1"))
    .join("");
}

function match(
  declared: readonly string[],
  asked: readonly string[],
): Record<string, string> | undefined {
  const parameters: Record<string, string> = {};
  for (const [index, segment] of declared.entries()) {
    const value = asked[index];
    if (value === undefined) return undefined;
    if (isGreedy(segment)) {
      const rest = asked.slice(index).join("/");
      if (rest === "") return undefined;
      parameters[segment.slice(1, -2)] = rest;
      return parameters;
    }
    if (isParameter(segment)) {
      if (value === "") return undefined;
      parameters[segment.slice(1, -1)] = value;
    } else if (segment !== value) return undefined;
  }
  return declared.length === asked.length ? parameters : undefined;
}
