/** Counterpart of RDS for MySQL: MariaDB, its password in Secrets Manager where RDS is declared to manage it there. */
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { cloudOutputs } from "../../components/mocks/outputs";
import type { Made, Recorded } from "../../components/mocks/recorder";
import type { Handlers } from "../handler";
import type { Machine, Services } from "../machine";
import { awsOf } from "../services/aws";
import { startMariadb } from "../services/mariadb";

/** What an RDS instance tells of the secret that it manages. */
interface ManagedSecret {
  readonly secretArn: string;
}

function optionalText(resource: Recorded, property: string): string | undefined {
  const value = resource.inputs[property];
  return typeof value === "string" ? value : undefined;
}

/** Keeps user and password as RDS does, under the name that the declared ARN ends in. @returns the secret's ARN. */
async function keepSecret(
  machine: Machine,
  declaredArn: string,
  { user, password }: Services["mysql"],
): Promise<string> {
  const { endpoint, region, ...credentials } = await awsOf(machine);
  const client = new SecretsManagerClient({ endpoint, region, credentials });
  try {
    const { ARN: secretArn = declaredArn } = await client.send(
      new CreateSecretCommand({
        Name: declaredArn.split(":secret:")[1],
        SecretString: JSON.stringify({ username: user, password }),
      }),
    );
    return secretArn;
  } finally {
    client.destroy();
  }
}

export const database: Handlers = {
  "aws:rds/instance:Instance": async (resource, machine): Promise<Made> => {
    if (machine.services.mysql)
      throw new Error(`${resource.name}: one database at most can run on this machine`);
    const mysql = await startMariadb(machine, {
      user: optionalText(resource, "username") ?? "admin",
      database: optionalText(resource, "dbName") ?? "mysql",
      password: optionalText(resource, "password"),
    });
    machine.services.mysql = mysql;
    const { id, outputs } = cloudOutputs(resource);
    const managed = outputs.masterUserSecrets as readonly ManagedSecret[];
    return {
      id,
      outputs: {
        ...outputs,
        address: mysql.host,
        port: mysql.port,
        endpoint: `${mysql.host}:${mysql.port}`,
        masterUserSecrets: await Promise.all(
          managed.map(async (secret) => ({
            ...secret,
            secretArn: await keepSecret(machine, secret.secretArn, mysql),
          })),
        ),
      },
    };
  },
};
