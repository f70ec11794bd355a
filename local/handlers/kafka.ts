/** Counterpart of MSK, provisioned or serverless: one node of Apache Kafka, without sign-in, on the loopback. */
import { cloudOutputs } from "../../components/mocks/outputs";
import type { Handler, Handlers } from "../handler";
import { startKafka } from "../services/kafka";

const cluster: Handler = async (resource, machine) => {
  if (machine.services.kafka)
    throw new Error(`${resource.name}: one Kafka cluster at most can run on this machine`);
  machine.services.kafka = await startKafka(machine);
  const { id, outputs } = cloudOutputs(resource);
  const { bootstrapServers } = machine.services.kafka;
  return { id, outputs: { ...outputs, bootstrapBrokersSaslIam: bootstrapServers } };
};

export const kafka: Handlers = {
  "aws:msk/cluster:Cluster": cluster,
  "aws:msk/serverlessCluster:ServerlessCluster": cluster,
};
