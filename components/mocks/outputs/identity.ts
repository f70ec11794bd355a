import type { OutputsByType } from ".";

export const identity: OutputsByType = {};
