/**
 * The OpenAPI 3 document of the ingest API, built from groups of paths. Pure: no Pulumi, only text in and JSON out, so
 * that what API Gateway imports and what the local gateway executes is one and the same document.
 *
 * A group says what its methods do; the document adds to every path what all have in common: authorization of each
 * method, the CORS preflight, and CORS headers on the gateway's own errors.
 */

/** How callers prove themselves: a key in the header `x-api-key`, or a request signed with AWS credentials (SigV4). */
export type Authorization = "apiKey" | "iam";

export const authorizations: readonly Authorization[] = ["apiKey", "iam"];

/** What API Gateway does with a request, under the extension `x-amazon-apigateway-integration`. */
export type Integration = HttpProxyIntegration | MockIntegration | AwsIntegration;

/** Passes the request on as it is, and the answer back as it is. */
export interface HttpProxyIntegration {
  readonly type: "http_proxy";
  readonly httpMethod: string;
  readonly connectionType: "VPC_LINK";
  readonly connectionId: string;
  readonly uri: string;
  readonly requestParameters: Readonly<Record<string, string>>;
  readonly passthroughBehavior: "when_no_match";
  readonly timeoutInMillis: number;
}

/** Answers by itself. */
export interface MockIntegration {
  readonly type: "mock";
  readonly requestTemplates: Readonly<Record<string, string>>;
  readonly passthroughBehavior: "when_no_match";
  readonly responses: Readonly<
    Record<
      string,
      { readonly statusCode: string; readonly responseParameters: Readonly<Record<string, string>> }
    >
  >;
}

/** Calls an action of an AWS service, with a body that a template makes of the request's. */
export interface AwsIntegration {
  readonly type: "aws";
  readonly httpMethod: "POST";
  /** `arn:aws:apigateway:<region>:<service>:action/<action>`. */
  readonly uri: string;
  /** ARN of the role to call it with. */
  readonly credentials: string;
  readonly requestParameters: Readonly<Record<string, string>>;
  /** In Velocity's language, by the request's content type. */
  readonly requestTemplates: Readonly<Record<string, string>>;
  /** A request of a type that has no template is refused, 415. */
  readonly passthroughBehavior: "never";
  readonly timeoutInMillis: number;
  /** By a pattern of the service's status; `default` is what matches no other. The service's body is passed back as it is. */
  readonly responses: Readonly<
    Record<
      string,
      { readonly statusCode: string; readonly responseParameters: Readonly<Record<string, string>> }
    >
  >;
}

/** What a request's body must be: JSON Schema, as much of it as API Gateway keeps of an imported document. */
export interface Model {
  readonly type: "object" | "array" | "string" | "integer";
  readonly description?: string;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Model>>;
  readonly items?: Model;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
}

export interface PathParameter {
  readonly name: string;
  readonly in: "path";
  readonly required: true;
  readonly description?: string;
  readonly schema: { readonly type: "string"; readonly enum?: readonly string[] };
}

export interface RequestBody {
  readonly required: boolean;
  readonly content: {
    readonly "application/json": { readonly schema: { readonly $ref: string } };
  };
}

export interface MethodResponse {
  readonly description: string;
  readonly headers?: Readonly<Record<string, { readonly schema: { readonly type: "string" } }>>;
}

/** One method of a path; the document adds `security`. */
export interface Method {
  readonly summary: string;
  readonly parameters?: readonly PathParameter[];
  readonly requestBody?: RequestBody;
  readonly responses: Readonly<Record<string, MethodResponse>>;
  readonly security?: readonly Readonly<Record<string, readonly never[]>>[];
  readonly "x-amazon-apigateway-request-validator"?: typeof bodyValidator;
  readonly "x-amazon-apigateway-integration": Integration;
}

/** Validator of methods whose bodies must be what their model says. */
export const bodyValidator = "body";

/** Marks a method's body as one that must be what a model says; a body that is not JSON is refused too, both with 400. */
export function validated(
  model: string,
  { required }: { readonly required: boolean },
): Pick<Method, "requestBody" | "x-amazon-apigateway-request-validator"> {
  return {
    requestBody: {
      required,
      content: { "application/json": { schema: { $ref: `#/components/schemas/${model}` } } },
    },
    "x-amazon-apigateway-request-validator": bodyValidator,
  };
}

/** OpenAPI has no word for any method; API Gateway's is an extension. */
export const anyMethod = "x-amazon-apigateway-any-method";

export type MethodName = "get" | "put" | "post" | "delete" | "patch" | "head" | typeof anyMethod;

/** Methods by path, such as `/{proxy+}`. */
export type PathGroup = Readonly<Record<string, Readonly<Partial<Record<MethodName, Method>>>>>;

export interface DocumentOptions {
  readonly title: string;
  readonly description: string;
  readonly authorization: Authorization;
  /** The origin that browsers may call from, or `*`. */
  readonly allowedOrigin: string;
  readonly securityPolicy: string;
  readonly endpointAccessMode: string;
  /** What methods' bodies must be, by name. Default: none, and no body is validated. */
  readonly models?: Readonly<Record<string, Model>>;
}

type PathItem = Readonly<Partial<Record<MethodName | "options", Method>>>;

interface SecurityScheme {
  readonly type: "apiKey";
  readonly name: string;
  readonly in: "header";
  readonly "x-amazon-apigateway-authtype"?: "awsSigv4";
}

interface GatewayResponse {
  readonly responseParameters: Readonly<Record<string, string>>;
  readonly responseTemplates: Readonly<Record<string, string>>;
}

export interface OpenApiDocument {
  readonly openapi: "3.0.1";
  readonly info: { readonly title: string; readonly description: string; readonly version: string };
  readonly paths: Readonly<Record<string, PathItem>>;
  readonly components: {
    readonly securitySchemes: Readonly<Record<string, SecurityScheme>>;
    readonly schemas?: Readonly<Record<string, Model>>;
  };
  readonly "x-amazon-apigateway-api-key-source": "HEADER";
  readonly "x-amazon-apigateway-request-validators"?: Readonly<
    Record<
      string,
      { readonly validateRequestBody: boolean; readonly validateRequestParameters: boolean }
    >
  >;
  readonly "x-amazon-apigateway-gateway-responses": Readonly<Record<string, GatewayResponse>>;
  readonly "x-amazon-apigateway-security-policy": string;
  readonly "x-amazon-apigateway-endpoint-access-mode": string;
}

const securitySchemes: Readonly<Record<Authorization, SecurityScheme>> = {
  apiKey: { type: "apiKey", name: "x-api-key", in: "header" },
  iam: {
    type: "apiKey",
    name: "Authorization",
    in: "header",
    "x-amazon-apigateway-authtype": "awsSigv4",
  },
};

/** What a caller may send from a browser: a body's type, a key, or a signature's parts. */
const allowedHeaders = "Authorization,Content-Type,X-Amz-Date,X-Amz-Security-Token,X-Api-Key";

const everyMethod = ["DELETE", "GET", "HEAD", "PATCH", "POST", "PUT"];

/** How long, in seconds, a browser may keep a preflight's answer. */
const preflightMaxAge = "600";

function parametersOf(path: string): PathParameter[] {
  return [...path.matchAll(/\{([^}+]+)\+?\}/g)].map(([, name = ""]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
}

/** API Gateway takes a fixed value in single quotes; a bare one would be an expression. */
export function fixed(value: string): string {
  return `'${value}'`;
}

function preflight(path: string, methods: readonly string[], allowedOrigin: string): Method {
  const allowed = methods.includes(anyMethod)
    ? everyMethod
    : methods.map((method) => method.toUpperCase());
  const headers = {
    "Access-Control-Allow-Headers": allowedHeaders,
    "Access-Control-Allow-Methods": [...allowed, "OPTIONS"].sort().join(","),
    "Access-Control-Allow-Origin": allowedOrigin,
    "Access-Control-Max-Age": preflightMaxAge,
  };
  return {
    summary: "CORS preflight: browsers send it without credentials, so it asks for none",
    parameters: parametersOf(path),
    responses: {
      "204": {
        description: "What a browser may send",
        headers: Object.fromEntries(
          Object.keys(headers).map((header) => [header, { schema: { type: "string" } }]),
        ),
      },
    },
    "x-amazon-apigateway-integration": {
      type: "mock",
      requestTemplates: { "application/json": '{"statusCode": 204}' },
      passthroughBehavior: "when_no_match",
      responses: {
        default: {
          statusCode: "204",
          responseParameters: Object.fromEntries(
            Object.entries(headers).map(([header, value]) => [
              `method.response.header.${header}`,
              fixed(value),
            ]),
          ),
        },
      },
    },
  };
}

/**
 * Errors that API Gateway answers by itself (no key, too many requests, no answer from behind).
 *
 * @param details Members of the answer besides `message`, as JSON text with `$context` variables.
 */
function gatewayResponse(allowedOrigin: string, details = ""): GatewayResponse {
  return {
    responseParameters: {
      "gatewayresponse.header.Access-Control-Allow-Headers": fixed(allowedHeaders),
      "gatewayresponse.header.Access-Control-Allow-Origin": fixed(allowedOrigin),
    },
    responseTemplates: { "application/json": `{"message":$context.error.messageString${details}}` },
  };
}

/**
 * Composes the document.
 *
 * @throws if two groups declare the same path: one would hide the other.
 */
export function openApiDocument(
  options: DocumentOptions,
  groups: readonly PathGroup[],
): OpenApiDocument {
  const { authorization, allowedOrigin, models } = options;
  const paths: Record<string, PathItem> = {};
  for (const [path, methods] of groups.flatMap((group) => Object.entries(group))) {
    if (paths[path]) throw new Error(`two groups declare the path ${path}`);
    paths[path] = {
      ...Object.fromEntries(
        Object.entries(methods).map(([name, method]) => [
          name,
          { parameters: parametersOf(path), ...method, security: [{ [authorization]: [] }] },
        ]),
      ),
      options: preflight(path, Object.keys(methods), allowedOrigin),
    };
  }
  return {
    openapi: "3.0.1",
    info: { title: options.title, description: options.description, version: "1.0" },
    paths,
    components: {
      securitySchemes: { [authorization]: securitySchemes[authorization] },
      ...(models && { schemas: models }),
    },
    "x-amazon-apigateway-api-key-source": "HEADER",
    ...(models && {
      "x-amazon-apigateway-request-validators": {
        [bodyValidator]: { validateRequestBody: true, validateRequestParameters: false },
      },
    }),
    "x-amazon-apigateway-gateway-responses": {
      DEFAULT_4XX: gatewayResponse(allowedOrigin),
      DEFAULT_5XX: gatewayResponse(allowedOrigin),
      ...(models && {
        BAD_REQUEST_BODY: gatewayResponse(
          allowedOrigin,
          ',"detail":"$context.error.validationErrorString"',
        ),
      }),
    },
    "x-amazon-apigateway-security-policy": options.securityPolicy,
    "x-amazon-apigateway-endpoint-access-mode": options.endpointAccessMode,
  };
}
