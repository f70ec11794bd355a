import type { OutputsByType } from ".";

export const network: OutputsByType = {};
