/** Outputs of the form that the cloud gives, for each resource type that the program declares. */
import type { Made, Recorded } from "../recorded";
import { hexadecimal } from "../identity";
import { api } from "./api";
import { compute } from "./compute";
import { database } from "./database";
import { identity } from "./identity";
import { kafka } from "./kafka";
import { lakehouse } from "./lakehouse";
import { network } from "./network";
import { observability } from "./observability";
import { orchestration } from "./orchestration";
import type { OutputsByType } from "./outputs-by-type";
import { sink } from "./sink";
import { streams } from "./streams";

const byType: OutputsByType = {
  ...network,
  ...database,
  ...kafka,
  ...compute,
  ...sink,
  ...api,
  ...streams,
  ...lakehouse,
  ...orchestration,
  ...observability,
  ...identity,
};

/** Makes up what the cloud would answer for a resource: its inputs, and what is computed. */
export function cloudOutputs(resource: Recorded): Made {
  const { id = `${resource.name}-${hexadecimal(resource.urn, 7)}`, ...computed } =
    byType[resource.type]?.(resource) ?? {};
  return { id, outputs: { ...resource.inputs, ...computed } };
}
