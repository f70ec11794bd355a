import type { OutputsByType } from ".";

export const compute: OutputsByType = {};
