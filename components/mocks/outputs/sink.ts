import type { OutputsByType } from ".";

export const sink: OutputsByType = {};
