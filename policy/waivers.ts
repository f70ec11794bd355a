/** Where a rule is broken on purpose. A waiver that nothing breaks fails the tests. */

export interface Waiver {
  /** The rule's name. */
  readonly rule: string;
  /** Name of the resource. */
  readonly resource: string;
  /** Why it may. */
  readonly reason: string;
}

export const waivers: readonly Waiver[] = [
  {
    rule: "data-protected",
    resource: "airflow-bucket",
    reason: "It holds the program's own files, which the next deployment puts there again.",
  },
];
