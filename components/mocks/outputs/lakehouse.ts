import type { OutputsByType } from ".";

export const lakehouse: OutputsByType = {};
