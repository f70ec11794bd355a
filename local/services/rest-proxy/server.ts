/**
 * The part of the Confluent REST proxy's API v2 that the pipeline uses: producing to topics, and looking them up.
 *
 * Defaults: bodies up to 32 MiB, and of no more values than there is room for.
 */
import { Admin, GenericError, UserError } from "@platformatic/kafka";
import fastify, { type FastifyInstance } from "fastify";
import { formatOf, readRecords } from "./records";
import { recordErrorCodes, RestError } from "./rest-error";
import { RecordWriter } from "./writer";

const bodyBytesAtMost = 32 * 1_048_576;
const replyType = "application/vnd.kafka.v2+json";

interface TopicParameters {
  Params: { topic: string };
}

/** Builds the server; the caller lets it listen, and closes it. */
export function buildRestProxy(bootstrapServers: string): FastifyInstance {
  const admin = new Admin({
    clientId: "rest-proxy-admin",
    bootstrapBrokers: bootstrapServers.split(","),
    retries: 3,
    retryDelay: 500,
  });
  const writer = new RecordWriter(bootstrapServers);
  const server = fastify({ bodyLimit: bodyBytesAtMost, routerOptions: { maxParamLength: 249 } });

  server.removeAllContentTypeParsers();
  server.addContentTypeParser("*", { parseAs: "buffer" }, (_, body, done) => {
    done(null, body);
  });
  server.setErrorHandler((error: Error & { statusCode?: number }, _, reply) => {
    const { status, code, message } = faultOf(error);
    return reply.status(status).send({ error_code: code, message });
  });
  server.setNotFoundHandler((_, reply) =>
    reply.status(404).send({ error_code: 404, message: "HTTP 404 Not Found" }),
  );
  server.addHook("onSend", (_, reply, payload, done) => {
    reply.header("content-type", replyType);
    done(null, payload);
  });
  server.addHook("onClose", async () => {
    await writer.close();
    await admin.close();
  });

  /** @throws RestError 404 with code 40401 where there is no such topic */
  async function topicOf(name: string) {
    try {
      const { topics } = await admin.metadata({ topics: [name] });
      const topic = topics.get(name);
      if (topic) return topic;
    } catch (error) {
      if (!isUnknownTopic(error)) throw error;
    }
    throw new RestError(404, 40_401, "Topic not found.");
  }

  server.get("/", (_, reply) => reply.send({}));

  server.get("/topics", async (_, reply) => reply.send((await admin.listTopics()).sort()));

  server.get<TopicParameters>("/topics/:topic", async (request, reply) => {
    const name = request.params.topic;
    const { partitions } = await topicOf(name);
    return reply.send({
      name,
      partitions: partitions.map(({ leader, replicas, isr }, partition) => ({
        partition,
        leader,
        replicas: replicas.map((broker) => ({
          broker,
          leader: broker === leader,
          in_sync: isr.includes(broker),
        })),
      })),
    });
  });

  server.post<TopicParameters>("/topics/:topic", async (request, reply) => {
    const format = formatOf(request.headers["content-type"]);
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const records = readRecords(body, format);
    const { topic } = request.params;
    const { partitionsCount } = await topicOf(topic);
    const offsets = await writer.write(topic, partitionsCount, records);
    return reply.send({ offsets, key_schema_id: null, value_schema_id: null });
  });

  return server;
}

function faultOf(error: Error & { statusCode?: number }): RestError {
  if (error instanceof RestError) return error;
  if (GenericError.isGenericError(error))
    return new RestError(
      500,
      recordErrorCodes.retriable,
      `Kafka does not answer: ${error.message}`,
    );
  const status = error.statusCode ?? 500;
  return new RestError(status, status, error.message);
}

/** No such topic is a fault of the user's for the Kafka client; a name that can be none is refused by the broker. */
function isUnknownTopic(error: unknown): boolean {
  const invalidTopic = 17;
  return (
    error instanceof UserError ||
    (GenericError.isGenericError(error as Error) &&
      (error as GenericError).findBy("apiCode", invalidTopic) !== null)
  );
}
