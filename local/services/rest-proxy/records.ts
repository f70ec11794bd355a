/** Reads the body of a produce request (REST Proxy v2, embedded formats json and binary). */
import { isUtf8 } from "node:buffer";
import { hasTooManyValues, valuesAtMost } from "../json-values";
import { recordTexts } from "./record-texts";
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

/** Each takes far more room than its bytes until Kafka has it; no client of the pipeline sends more than a tenth of this. */
const recordsAtMost = 100_000;

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** How a body's bytes are read as text, and a text of it is written as bytes again. */
type BodyEncoding = "latin1" | "utf8";

/**
 * The quickest encoding that keeps a body as it is. In Latin-1 each byte is a character, so that what UTF-8 makes of several bytes
 * is never worked out, and they come out as they came in; only an escape names a character that is no byte.
 */
function encodingOf(body: Buffer): BodyEncoding {
  return body.includes("\\u") ? "utf8" : "latin1";
}

function parse(body: Buffer, encoding: BodyEncoding): unknown {
  if (!isUtf8(body)) throw new RestError(400, 400, "The body is not JSON: it is not UTF-8");
  if (hasTooManyValues(body))
    throw new RestError(413, 413, `The body has more than ${valuesAtMost} values`);
  try {
    return JSON.parse(body.toString(encoding));
  } catch (error) {
    throw new RestError(400, 400, `The body is not JSON: ${(error as Error).message}`);
  }
}

function refuseOthers(
  fields: Record<string, unknown>,
  known: ReadonlySet<string>,
  encoding: BodyEncoding,
): void {
  for (const field of Object.keys(fields)) {
    if (known.has(field)) continue;
    const name = Buffer.from(field, encoding).toString();
    throw new RestError(422, 422, `Unrecognized field: ${name}`);
  }
}

function base64(content: unknown, where: string): Buffer | null {
  if (content === undefined || content === null) return null;
  const isBase64 =
    typeof content === "string" &&
    content.length % 4 === 0 &&
    /^[A-Za-z0-9+/]*={0,2}$/.test(content);
  if (!isBase64) throw new RestError(422, 422, `${where} is not base64`);
  return Buffer.from(content, "base64");
}

/**
 * The records of a request's body. JSON stays as it is written there; only a key that is a text is written anew, so that it has one
 * form, and one partition, whatever is escaped in it.
 *
 * @throws RestError 400 where the body is no JSON; 422 where it has another form; 413 where it has too much
 */
export function readRecords(body: Buffer, format: Format): ProduceRecord[] {
  const encoding = encodingOf(body);
  const fields = parse(body, encoding);
  if (!isObject(fields)) throw new RestError(422, 422, "The request body is not an object");
  refuseOthers(fields, bodyFields, encoding);
  const { records } = fields;
  if (!Array.isArray(records) || records.length === 0)
    throw new RestError(422, 422, "records may not be empty");
  if (records.length > recordsAtMost)
    throw new RestError(413, 413, `The body has more than ${recordsAtMost} records`);
  const partitions = records.map((record: unknown, index) => {
    if (!isObject(record)) throw new RestError(422, 422, `records[${index}] is not an object`);
    refuseOthers(record, recordFields, encoding);
    const { partition } = record;
    if (partition === undefined || partition === null) return undefined;
    if (typeof partition === "number" && Number.isInteger(partition) && partition >= 0)
      return partition;
    throw new RestError(422, 422, `records[${index}].partition is not a partition's number`);
  });
  const given = records as { key?: unknown; value?: unknown }[];
  if (format === "binary")
    return given.map(({ key, value }, index) => ({
      key: base64(key, `records[${index}].key`),
      value: base64(value, `records[${index}].value`),
      partition: partitions[index],
    }));
  return recordTexts(body).map((text, index) => {
    const key = given[index]?.key;
    return {
      key: typeof key === "string" ? Buffer.from(JSON.stringify(key), encoding) : text.key,
      value: text.value,
      partition: partitions[index],
    };
  });
}
