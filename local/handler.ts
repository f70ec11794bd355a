/** How a declared resource gets its counterpart on this machine. */
import type { Made, Recorded } from "../components/mocks/recorder";
import type { Machine } from "./machine";

/** Makes the counterpart of one declared resource on this machine; answers as the cloud would. */
export type Handler = (resource: Recorded, machine: Machine) => Promise<Made>;

/** Handlers by exact resource type, e.g. `aws:msk/cluster:Cluster`. */
export type Handlers = Readonly<Record<string, Handler>>;
