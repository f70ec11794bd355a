import type { OutputsByType } from ".";

export const kafka: OutputsByType = {};
