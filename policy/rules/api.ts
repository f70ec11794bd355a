/** Nobody posts without saying who they are. */
import { eachOf, unknown, type Rule } from "../graph";

/** One method of an OpenAPI document. */
interface Operation {
  readonly security?: readonly object[];
}

interface Document {
  readonly security?: readonly object[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const methods = /^(get|put|post|delete|patch|head|options|trace|x-amazon-apigateway-any-method)$/;

export const methodsAuthorized: Rule = {
  name: "methods-authorized",
  reason: "An open method lets anyone fill the pipeline, and pay for it with our account.",
  source: "AWS FSBP APIGateway.8; Well-Architected SEC03-BP01",
  check: eachOf(["aws:apigateway/restApi:RestApi"], ({ inputs: { body } }) => {
    if (typeof body !== "string" || body.includes(unknown)) return undefined;
    const document = JSON.parse(body) as Document;
    const open = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.entries(item)
        // A browser asks before it says who its user is.
        .filter(([method]) => methods.test(method) && method !== "options")
        .filter(([, operation]) => {
          const { security = document.security ?? [] } = operation as Operation;
          return security.length === 0 || security.some((way) => Object.keys(way).length === 0);
        })
        .map(([method]) => `${method} ${path}`),
    );
    return open.length > 0 ? `asks nobody who they are at ${open.join(", ")}` : undefined;
  }),
};

export const apiRules: readonly Rule[] = [methodsAuthorized];
