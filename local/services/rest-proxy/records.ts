/** Reads the body of a produce request (REST Proxy v2, embedded formats json and binary). */
import { RestError } from "./rest-error";

/** What is to be produced; null where there is no key or no value. */
export interface ProduceRecord {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** Where the client wants it; undefined leaves it to the key. */
  readonly partition: number | undefined;
}

export type Format = "json" | "binary";

const formats: Readonly<Record<string, Format>> = {
  "application/vnd.kafka.json.v2+json": "json",
  "application/vnd.kafka.binary.v2+json": "binary",
  "application/vnd.kafka.v2+json": "binary",
  "application/json": "binary",
};

/** The embedded format that a content type names; binary for the general ones, as in Confluent's. @throws RestError 415 */
export function formatOf(contentType: string | undefined): Format {
  const format = formats[(contentType ?? "").split(";")[0]?.trim().toLowerCase() ?? ""];
  if (!format) throw new RestError(415, 415, "HTTP 415 Unsupported Media Type");
  return format;
}

const bodyFields = new Set([
  "records",
  "key_schema",
  "key_schema_id",
  "value_schema",
  "value_schema_id",
]);
const recordFields = new Set(["key", "value", "partition"]);

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function refuseOthers(fields: Record<string, unknown>, known: ReadonlySet<string>): void {
  for (const field of Object.keys(fields))
    if (!known.has(field)) throw new RestError(422, 422, `Unrecognized field: ${field}`);
}

function encode(content: unknown, format: Format, where: string): Buffer | null {
  if (content === undefined || content === null) return null;
  if (format === "json") return Buffer.from(JSON.stringify(content));
  if (typeof content !== "string" || !/^[A-Za-z0-9+/]*={0,2}$/.test(content))
    throw new RestError(422, 422, `${where} is not base64`);
  return Buffer.from(content, "base64");
}

/**
 * The records of a request's body.
 *
 * @throws RestError 422 where the body has another form
 */
export function readRecords(body: unknown, format: Format): ProduceRecord[] {
  if (!isObject(body)) throw new RestError(422, 422, "The request body is not an object");
  refuseOthers(body, bodyFields);
  const { records } = body;
  if (!Array.isArray(records) || records.length === 0)
    throw new RestError(422, 422, "records may not be empty");
  return records.map((record: unknown, index) => {
    if (!isObject(record)) throw new RestError(422, 422, `records[${index}] is not an object`);
    refuseOthers(record, recordFields);
    const { partition } = record;
    const given = partition !== undefined && partition !== null;
    if (given && !(typeof partition === "number" && Number.isInteger(partition) && partition >= 0))
      throw new RestError(422, 422, `records[${index}].partition is not a partition's number`);
    return {
      key: encode(record.key, format, `records[${index}].key`),
      value: encode(record.value, format, `records[${index}].value`),
      partition: given ? partition : undefined,
    };
  });
}
