/** The forms that a key's text can have, each a schema that also says in plain words what is wrong. */
import { z } from "zod";

const text = z.string().trim();

/** A text that must be there. */
export const filled = text.min(1, "must be set");

/** A text that may be empty, which means that it is not set. */
export const optional = text.transform((value) => (value === "" ? undefined : value));

export const flag = z
  .enum(["true", "false"], "must be true or false")
  .transform((value) => value === "true");

/** A list of texts, each once. */
export const list = z
  .string()
  .transform((value, context): string[] => {
    try {
      return z.array(z.string()).parse(JSON.parse(value));
    } catch {
      context.addIssue("must be a list of texts");
      return z.NEVER;
    }
  })
  .superRefine((values, context) => {
    for (const value of new Set(values.filter((one, index) => values.indexOf(one) < index)))
      context.addIssue(`names ${value} more than once`);
  });

export function integer(least: number, most: number) {
  const message = `must be a whole number from ${least} to ${most}`;
  return z
    .string()
    .regex(/^-?\d+$/, message)
    .transform(Number)
    .refine((value) => value >= least && value <= most, message);
}

/** One of some words. */
export function oneOf<const Word extends string>(...words: readonly Word[]) {
  const [last = "", ...others] = [...words].reverse();
  return z.enum(words, `must be ${others.reverse().join(", ")} or ${last}`);
}

/** @param form what the pattern asks for, as it reads after "must be". */
export function matching(pattern: RegExp, form: string) {
  return text.regex(pattern, `must be ${form}`);
}

/** As `matching`, for a text that may be empty. */
export function optionallyMatching(pattern: RegExp, form: string) {
  return optional.refine((value) => value === undefined || pattern.test(value), `must be ${form}`);
}

export function arn(service: string) {
  return optionallyMatching(
    new RegExp(`^arn:aws[a-z-]*:${service}:[a-z0-9-]+:\\d{12}:.+$`),
    `an ARN of ${service}`,
  );
}

const identifierOf = (prefix: string) => new RegExp(`^${prefix}-[0-9a-f]{8,17}$`);

/** An id that EC2 gives, such as that of a VPC. */
export function identifier(prefix: string) {
  return optionallyMatching(identifierOf(prefix), `an id that begins with ${prefix}-`);
}

/** Ids that EC2 gives. */
export function identifiers(prefix: string) {
  return eachOf((value) =>
    identifierOf(prefix).test(value) ? undefined : `${value} is no id that begins with ${prefix}-`,
  );
}

/** A list whose items are judged one by one. */
export function eachOf(faultOf: (item: string) => string | undefined) {
  return list.superRefine((values, context) => {
    for (const value of values) {
      const fault = faultOf(value);
      if (fault !== undefined) context.addIssue(fault);
    }
  });
}

export function checksum(digits: number) {
  return optionallyMatching(new RegExp(`^[0-9a-f]{${digits}}$`), `${digits} hexadecimal digits`);
}
