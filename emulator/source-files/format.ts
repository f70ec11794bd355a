/** What the files of a source folder are called, and how they write what CSV has no way to say. */
import { tables, type Kind } from "../schema";

/** What stands for null, quoted or not. */
export const nullText = String.raw`\N`;

/** The file of a kind's rows. */
export function fileOf(kind: Kind): string {
  return `${tables[kind].name}.csv`;
}
