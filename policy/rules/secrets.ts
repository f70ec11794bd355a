/** No secret stands in the clear. */
import { unknown, type Rule, type Violation } from "../graph";

/** Names of inputs that hold a secret, whatever their value. */
const secretNames =
  /^(password|masterPassword|secretString|secretBinary|token|privateKey|sasl_password)$/i;

/** Forms that only secrets have. */
const secretForms: readonly RegExp[] = [
  /\b(AKIA|ASIA)[A-Z0-9]{16}\b/,
  /-----BEGIN ([A-Z]+ )?PRIVATE KEY-----/,
  /\bdapi[0-9a-f]{32}\b/,
];

export const noSecretsInTheClear: Rule = {
  name: "no-secrets-in-the-clear",
  reason: "A stack's state is read by more people than its secrets are for.",
  source: "Well-Architected SEC02-BP03; Pulumi, Secrets handling",
  check: ({ resources }) =>
    resources.flatMap((resource): Violation[] => {
      const { secrets, inputs } = resource;
      if (secrets === undefined) return [];
      const masked = new Set(secrets.map((path) => path.join(".")));
      return plainSecrets(inputs, [], masked).map((path) => ({
        resource,
        message: `has a secret in the clear: mark ${path} as secret`,
      }));
    }),
};

/** Paths of what is a secret by its name or its form, and not marked as one. */
function plainSecrets(
  value: unknown,
  path: readonly string[],
  masked: ReadonlySet<string>,
): string[] {
  const here = path.join(".");
  if (masked.has(here)) return [];
  if (typeof value === "string") {
    const isSecret =
      value !== "" &&
      value !== unknown &&
      (secretNames.test(path.at(-1) ?? "") || secretForms.some((form) => form.test(value)));
    return isSecret ? [here] : [];
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => plainSecrets(item, [...path, key], masked));
}

export const secretRules: readonly Rule[] = [noSecretsInTheClear];
