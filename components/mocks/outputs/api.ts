import type { OutputsByType } from ".";

export const api: OutputsByType = {};
