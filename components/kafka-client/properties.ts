/** The properties files by which Kafka's programs sign in to MSK. */

/** How a Kafka client signs in to MSK by IAM, as the role `accessRoleArn`. */
export function signInSettings(accessRoleArn: string): Record<string, string> {
  return {
    "security.protocol": "SASL_SSL",
    "sasl.mechanism": "AWS_MSK_IAM",
    "sasl.jaas.config": `software.amazon.msk.auth.iam.IAMLoginModule required awsRoleArn="${accessRoleArn}";`,
    "sasl.client.callback.handler.class": "software.amazon.msk.auth.iam.IAMClientCallbackHandler",
  };
}

/** client.properties: what Kafka's tools take as `--command-config`. */
export function clientProperties(accessRoleArn: string): string {
  return propertiesText(signInSettings(accessRoleArn));
}

/**
 * kafka-rest.properties. Only API v2, whose produce calls the pipeline uses, is on: v3 would let callers of the ingest API
 * administer topics. Its answers are not compressed: API Gateway takes every body for UTF-8 text, and would spoil them.
 */
export function restProxyProperties(args: {
  bootstrapBrokers: string;
  accessRoleArn: string;
  port: number;
}): string {
  const signIn = Object.entries(signInSettings(args.accessRoleArn));
  return propertiesText({
    "bootstrap.servers": args.bootstrapBrokers,
    listeners: `http://0.0.0.0:${args.port}`,
    "api.v3.enable": "false",
    "compression.enable": "false",
    ...Object.fromEntries(signIn.map(([key, value]) => [`client.${key}`, value])),
  });
}

function propertiesText(settings: Record<string, string>): string {
  return Object.entries(settings)
    .map(([key, value]) => `${key}=${value}`)
    .join("\n");
}
