/** Where an alarm's description sends its reader. */

/** Names an entry of the runbook: the anchor of one of its headings. */
export function seeRunbook(entry: string): string {
  return `Runbook: docs/runbook.md#${entry}`;
}
