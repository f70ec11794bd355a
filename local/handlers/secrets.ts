/** Counterparts of Secrets Manager: secrets of MiniStack. */
import {
  CreateSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { textInput } from "../../components/mocks/identity";
import { cloudOutputs } from "../../components/mocks/outputs";
import type { Handlers } from "../handler";
import type { Machine } from "../machine";
import { awsOf } from "../services/aws";

async function withSecretsManager<T>(
  machine: Machine,
  work: (client: SecretsManagerClient) => Promise<T>,
): Promise<T> {
  const { endpoint, region, ...credentials } = await awsOf(machine);
  const client = new SecretsManagerClient({ endpoint, region, credentials });
  try {
    return await work(client);
  } finally {
    client.destroy();
  }
}

export const secrets: Handlers = {
  "aws:secretsmanager/secret:Secret": async (resource, machine) => {
    const { outputs } = cloudOutputs(resource);
    const { ARN: arn = "" } = await withSecretsManager(machine, (client) =>
      client.send(new CreateSecretCommand({ Name: String(outputs.name) })),
    );
    return { id: arn, outputs: { ...outputs, arn } };
  },

  "aws:secretsmanager/secretVersion:SecretVersion": async (resource, machine) => {
    const secretId = textInput(resource, "secretId");
    const { outputs } = cloudOutputs(resource);
    const { VersionId: versionId = "", VersionStages: versionStages = [] } =
      await withSecretsManager(machine, (client) =>
        client.send(
          new PutSecretValueCommand({
            SecretId: secretId,
            SecretString: textInput(resource, "secretString"),
          }),
        ),
      );
    return { id: `${secretId}|${versionId}`, outputs: { ...outputs, versionId, versionStages } };
  },
};
