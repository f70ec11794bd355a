/** What must hold between keys. */
import type { z } from "zod";

/** The values of some keys, once each is right by itself. */
export type Checked<Keys extends Readonly<Record<string, z.ZodType>>> = {
  readonly [Key in keyof Keys]: z.output<Keys[Key]>;
};

/** Where the program is deployed, besides its own keys. */
export interface Place {
  /** Name of the stack. */
  readonly stack: string;
  /** `aws:region`; undefined where it is not set. */
  readonly region: string | undefined;
}

/** Says what is wrong with keys together; undefined where that cannot be told, since one of them is wrong by itself. */
export type Rule<Values> = (values: Partial<Values>, place: Place) => readonly string[];

/** What a rule finds: nothing, one fault or several, each beginning with the key that it is told of. */
type Found = false | undefined | string | readonly string[];

/**
 * Makes rules over some values.
 *
 * @returns a function of the keys that a rule reads and of the rule, which is asked only where all of them are right.
 */
export function rulesOver<Values>() {
  return <Key extends keyof Values>(
      keys: readonly Key[],
      fault: (values: Pick<Values, Key>, place: Place) => Found,
    ): Rule<Values> =>
    (values, place) => {
      if (!keys.every((key) => Object.hasOwn(values, key))) return [];
      const picked = Object.fromEntries(keys.map((key) => [key, values[key]]));
      const found = fault(picked as Pick<Values, Key>, place);
      if (found === undefined || found === false) return [];
      return typeof found === "string" ? [found] : found;
    };
}

/** The fault of keys that go together where some are set and others are not. */
export function together(
  values: Readonly<Record<string, unknown>>,
  message: string,
): string | undefined {
  const set = Object.values(values).filter((value) => value !== undefined).length;
  return set === 0 || set === Object.keys(values).length ? undefined : message;
}

/** The fault of an ARN in another region than the stack's, where the service works within one region only. */
export function elsewhere(
  key: string,
  arn: string | undefined,
  { region }: Place,
): string | undefined {
  const [, , , of] = arn?.split(":") ?? [];
  return of === undefined || region === undefined || of === region
    ? undefined
    : `${key}: is in ${of}, and the stack in ${region} (aws:region)`;
}
