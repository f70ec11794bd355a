/**
 * How long to wait for a cluster. Making one takes 20 to 40 minutes; a change of version, configuration or broker size restarts
 * one broker after the other, up to half an hour each.
 */
export const clusterTimeouts = { create: "90m", update: "4h", delete: "60m" };
