/** Runs the whole program without an engine, as a stack of its own files: what the tests and the local target stand on. */
import { record, type RecordOptions } from "../components/mocks/recorder";
import { readConfig } from "./config";
import { pipeline } from "./pipeline";
import { readStackConfig } from "./stack-files";

export interface RecordStackOptions extends Pick<RecordOptions, "preview" | "make"> {
  /** Configuration over that of the stack's files, keys without their namespace. Default none. */
  readonly changes?: Readonly<Record<string, string>>;
  /** The stack's name, where it is to be another than its file's. */
  readonly as?: string;
}

/**
 * @param stack the stack's name; `Pulumi.<stack>.yaml` must be there.
 * @throws as `readStackConfig`, `readConfig` and `record` do.
 */
export function recordStack(
  stack: string,
  { changes = {}, as = stack, preview, make }: RecordStackOptions = {},
) {
  const { project, config, secretKeys } = readStackConfig(stack);
  const changed = Object.entries(changes).map(([key, value]) => [`${project}:${key}`, value]);
  return record(() => pipeline(readConfig()), {
    stack: as,
    config: { ...config, ...(Object.fromEntries(changed) as Record<string, string>) },
    secretConfig: secretKeys,
    preview,
    make,
  });
}
