import type { OutputsByType } from ".";

export const database: OutputsByType = {};
