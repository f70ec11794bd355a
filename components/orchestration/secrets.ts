/** What the DAG may not know by itself, in Secrets Manager, where Airflow's secrets backend looks for it. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Tags } from "../tags";

/** Airflow's connection to Databricks, by the name that its Databricks provider has by default. */
export const connectionId = "databricks_default";
/** Airflow's variable with the batch job's id. */
export const jobVariable = "databricks_batch_job_id";

/** Where the secrets backend looks: a secret's name is a prefix, a slash, and the connection's or variable's id. */
export interface SecretPrefixes {
  readonly connections: pulumi.Input<string>;
  readonly variables: pulumi.Input<string>;
}

export interface AirflowSecretsArgs {
  readonly prefixes: SecretPrefixes;
  readonly databricksHost: pulumi.Input<string>;
  readonly databricksToken: pulumi.Input<string>;
  readonly batchJobId: pulumi.Input<string>;
  /** Key that encrypts them. Default: the account's own key of Secrets Manager. */
  readonly keyArn: pulumi.Input<string> | undefined;
  readonly forceDestroy: boolean;
  readonly tags: Tags | undefined;
}

/** Makes both secrets. @returns their ARNs. */
export function airflowSecrets(
  name: string,
  args: AirflowSecretsArgs,
  opts: pulumi.CustomResourceOptions,
): pulumi.Output<string>[] {
  const secret = (
    suffix: string,
    prefix: pulumi.Input<string>,
    id: string,
    secretString: pulumi.Input<string>,
  ) => {
    const made = new aws.secretsmanager.Secret(
      `${name}-${suffix}`,
      {
        name: pulumi.interpolate`${prefix}/${id}`,
        description: `Airflow's ${suffix} ${id}`,
        kmsKeyId: args.keyArn,
        // A name in its window of recovery cannot be given again.
        recoveryWindowInDays: args.forceDestroy ? 0 : 30,
        tags: args.tags,
      },
      opts,
    );
    new aws.secretsmanager.SecretVersion(
      `${name}-${suffix}-value`,
      { secretId: made.id, secretString: pulumi.secret(secretString) },
      opts,
    );
    return made.arn;
  };
  return [
    secret(
      "connection",
      args.prefixes.connections,
      connectionId,
      databricksConnection(args.databricksHost, args.databricksToken),
    ),
    secret("variable", args.prefixes.variables, jobVariable, args.batchJobId),
  ];
}

/**
 * A connection in Airflow's JSON form. The parts of the workspace's URL go apart: Airflow's Databricks provider takes the host
 * alone, and an address that is not https by its schema.
 */
function databricksConnection(
  host: pulumi.Input<string>,
  token: pulumi.Input<string>,
): pulumi.Output<string> {
  return pulumi.all([host, token]).apply(([address, password]) => {
    const { protocol, hostname, port } = new URL(address);
    return JSON.stringify({
      conn_type: "databricks",
      host: hostname,
      schema: protocol.replace(":", ""),
      ...(port !== "" && { port: Number(port) }),
      password,
    });
  });
}
