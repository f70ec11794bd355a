/** Holds a stack against the rules. */
import type { Rule, Stack, Violation } from "./graph";
import { rules } from "./rules";
import { waivers, type Waiver } from "./waivers";

/** A violation, with the rule that is broken. */
export interface Finding extends Violation {
  readonly rule: Rule;
}

/** What breaks one of the rules, and is not waived. */
export function findings(stack: Stack, held: readonly Rule[] = rules): Finding[] {
  return allFindings(stack, held).filter(
    (finding) => !waivers.some((waiver) => covers(waiver, finding)),
  );
}

/** Waivers for what no stack among these breaks. */
export function unusedWaivers(stacks: readonly Stack[]): Waiver[] {
  const found = stacks.flatMap((stack) => allFindings(stack, rules));
  return waivers.filter((waiver) => !found.some((finding) => covers(waiver, finding)));
}

function allFindings(stack: Stack, held: readonly Rule[]): Finding[] {
  return held.flatMap((rule) => rule.check(stack).map((violation) => ({ rule, ...violation })));
}

function covers(waiver: Waiver, { rule, resource }: Finding): boolean {
  return waiver.rule === rule.name && waiver.resource === resource.name;
}
