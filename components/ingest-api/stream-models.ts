import type { Model } from "./openapi";

/** Of any one record's partition key, in characters (AWS: PutRecord). */
const partitionKey: Model = {
  type: "string",
  description: "Records with the same key go to the same shard, and keep their order there",
  minLength: 1,
  maxLength: 256,
};

const payload: Model = {
  type: "object",
  description: "The post; its JSON becomes the record's data, 1 MiB at most together with the key",
};

/** Records in one PutRecords at most (AWS: PutRecords). */
const mostRecords = 500;

/**
 * What the bodies of requests to the streams must be.
 *
 * Members beyond these are let through and have no effect: models know no `additionalProperties`. Of imported documents
 * API Gateway may leave `minItems` and `maxItems` out (AWS: "Amazon API Gateway important notes"); Kinesis itself refuses
 * an empty batch and one over 500 records, with 400 too.
 */
export const streamModels = {
  CreateStream: {
    type: "object",
    properties: {
      ShardCount: { type: "integer", description: "Default 1", minimum: 1 },
    },
  },
  PutRecord: {
    type: "object",
    required: ["Data", "PartitionKey"],
    properties: {
      StreamName: { type: "string", description: "Of no effect: the path names the stream" },
      Data: payload,
      PartitionKey: partitionKey,
    },
  },
  PutRecords: {
    type: "object",
    required: ["records"],
    properties: {
      records: {
        type: "array",
        description: "5 MiB at most in all, keys included",
        minItems: 1,
        maxItems: mostRecords,
        items: {
          type: "object",
          required: ["data", "partition-key"],
          properties: { data: payload, "partition-key": partitionKey },
        },
      },
    },
  },
} as const satisfies Readonly<Record<string, Model>>;
