/**
 * API Gateway's mapping templates: Velocity itself from `velocityjs`, with `$input`, `$util` and `$context` as AWS documents them
 * ("API Gateway mapping template and access logging variable reference"). What is not here is refused when a template is
 * deployed, so that nothing is left standing as `$text`, which Velocity does with names that it does not know.
 */
import { Compile, parse } from "velocityjs";
import type { Context } from "./context";
import { JsonSource } from "./json-source";

const parsed = new Map<string, ReturnType<typeof parse>>();

/** Parses a text of a template once: in a loop Velocity evaluates the same strings over and over. */
function parseOnce(text: string): ReturnType<typeof parse> {
  const known = parsed.get(text) ?? parse(text);
  parsed.set(text, known);
  return known;
}

class Template extends Compile {
  protected override evalStr(text: string): string {
    return this.renderAstList(parseOnce(text), this.contextId);
  }
}

/** What a template sees of a request. */
export interface TemplateRequest {
  /** As sent; undefined where the request has none, which templates see as `{}`. */
  readonly body: string | undefined;
  /** Decoded. */
  readonly path: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly context: Context;
}

/** Letters that `escapeJavaScript` writes in a form of their own (Apache Commons Lang 2). */
const escapes: Readonly<Record<string, string>> = {
  "\b": "\\b",
  "\t": "\\t",
  "\n": "\\n",
  "\f": "\\f",
  "\r": "\\r",
  '"': '\\"',
  "'": "\\'",
  "/": "\\/",
  "\\": "\\\\",
};

function escapeJavaScript(text: string): string {
  return text.replace(
    /[\b\t\n\f\r"'/\\]|[^ -~]/g,
    (character) =>
      escapes[character] ??
      `\\u${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`,
  );
}

const util = {
  escapeJavaScript: (value: unknown) => escapeJavaScript(String(value)),
  base64Encode: (value: unknown) => Buffer.from(String(value)).toString("base64"),
  base64Decode: (value: unknown) => Buffer.from(String(value), "base64").toString("utf8"),
  urlEncode: (value: unknown) =>
    new URLSearchParams({ value: String(value) }).toString().slice("value=".length),
  urlDecode: (value: unknown) => new URLSearchParams(`value=${String(value)}`).get("value"),
  parseJson: (value: unknown) => JSON.parse(String(value)) as unknown,
};

function inputOf(request: TemplateRequest) {
  const body = request.body ?? "{}";
  let source: JsonSource | undefined;
  const json = () => (source ??= new JsonSource(body));
  const everywhere = { path: request.path, querystring: request.query, header: request.headers };
  return {
    body,
    // Where nothing is found API Gateway gives an empty text, and its JSON.
    json: (path: string) => json().json(path) ?? '""',
    path: (path: string) => json().value(path) ?? "",
    params: (name?: string) =>
      name === undefined
        ? everywhere
        : (Object.values(everywhere).find((place) => Object.hasOwn(place, name))?.[name] ?? ""),
  };
}

/** Methods of Java's strings, which a template may call on any text; JavaScript's of the same name do something else. */
const stringMethods: Readonly<Record<string, (text: string, ...params: string[]) => unknown>> = {
  replaceAll: (text, pattern = "", replacement = "") => {
    if (/[$\\]/.test(replacement))
      throw new Error("a replacement with $ or \\ is not supported here");
    return text.replace(new RegExp(pattern, "gu"), () => replacement);
  },
};

const customMethodHandlers = Object.entries(stringMethods).map(([method, call]) => ({
  uid: `java.lang.String: ${method}`,
  match: ({ property, context }: { property: string; context: unknown }) =>
    property === method && typeof context === "string",
  resolve: ({ context, params }: { context: string; params: string[] }) => call(context, ...params),
}));

const known: Readonly<Record<string, readonly string[]>> = {
  input: Object.keys(inputOf({ body: "", path: {}, query: {}, headers: {}, context: {} })),
  util: Object.keys(util),
  foreach: ["index", "count", "hasNext", "first", "last"],
};

/**
 * What in a template cannot be executed here.
 *
 * @returns the first fault in words, or undefined.
 */
export function templateFault(template: string): string | undefined {
  try {
    parse(template);
  } catch (error) {
    return `is no Velocity template: ${(error as Error).message}`;
  }
  const own = [...template.matchAll(/#(?:set|foreach)\s*\(\s*\$(\w+)/g)].map(([, name]) => name);
  for (const [, name = "", member] of template.matchAll(
    /\$!?\{?([A-Za-z_]\w*)(?:\.([A-Za-z_]\w*))?/g,
  )) {
    if (own.includes(name) || name === "context") continue;
    const members = known[name];
    if (!members) return `has $${name}, which is not supported here`;
    if (member !== undefined && !members.includes(member))
      return `has $${name}.${member}, which is not supported here`;
  }
  return undefined;
}

/**
 * Executes a template.
 *
 * @throws SyntaxError if it looks into a body that is not JSON.
 * @throws Error if it does what cannot be done here.
 */
export function renderTemplate(template: string, request: TemplateRequest): string {
  const context: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(request.context)) {
    const parts = name.split(".");
    const last = parts.pop() ?? "";
    const place = parts.reduce<Record<string, unknown>>(
      (within, part) => (within[part] ??= {}) as Record<string, unknown>,
      context,
    );
    place[last] = value ?? "";
  }
  return new Template(parseOnce(template), { customMethodHandlers }).render({
    input: inputOf(request),
    util,
    context,
  });
}
