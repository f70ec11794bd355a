/**
 * All configuration of the program, read and checked once. `Pulumi.yaml` holds each key's type, description and default;
 * the files beside this one hold what a value must be beyond its type, and why. All faults are gathered and thrown as one
 * error.
 */
import * as pulumi from "@pulumi/pulumi";
import { airflowKeys, airflowRules } from "./airflow";
import { apiKeys } from "./api";
import { databaseKeys, databaseRules } from "./database";
import { identityKeys, identityRules } from "./identity";
import { kafkaKeys, kafkaRules } from "./kafka";
import { kafkaClientKeys, kafkaClientRules } from "./kafka-client";
import { lakehouseKeys, lakehouseRules } from "./lakehouse";
import { networkKeys, networkRules } from "./network";
import { alarmKeys, dataKeys, operationRules } from "./operation";
import type { Checked, Rule } from "./rules";
import { sinkKeys } from "./sink";
import { streamKeys, streamRules } from "./streams";
import { unknownKeys } from "./unknown-keys";

/** What each key must be. A key here and none in Pulumi.yaml, or the other way about, fails a test. */
export const keys = {
  ...identityKeys,
  ...networkKeys,
  ...databaseKeys,
  ...kafkaKeys,
  ...kafkaClientKeys,
  ...sinkKeys,
  ...streamKeys,
  ...alarmKeys,
  ...apiKeys,
  ...lakehouseKeys,
  ...airflowKeys,
  ...dataKeys,
};

type Values = Checked<typeof keys>;

/** The checked configuration; an optional key that is not set is undefined. */
export interface Config extends Omit<Values, "databricksToken"> {
  /** AWS region, from `aws:region`. */
  readonly region: string;
  readonly databricksToken: pulumi.Output<string> | undefined;
}

const rules: readonly Rule<Values>[] = [
  ...identityRules,
  ...networkRules,
  ...databaseRules,
  ...kafkaRules,
  ...kafkaClientRules,
  ...streamRules,
  ...lakehouseRules,
  ...airflowRules,
  ...operationRules,
];

/** Whether a key's value was encrypted. The runtime has this; only its types leave it out. */
const { isConfigSecret } = pulumi.runtime as unknown as {
  isConfigSecret: (key: string) => boolean;
};

/**
 * Reads the stack's configuration.
 *
 * @throws pulumi.RunError naming every key that is wrong, what is wrong with it, and how to set it.
 */
export function readConfig(): Config {
  const config = new pulumi.Config();
  const [project, stack] = [pulumi.getProject(), pulumi.getStack()];
  const region = new pulumi.Config("aws").get("region");
  const faults: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [key, schema] of Object.entries(keys)) {
    const parsed = schema.safeParse(config.get(key) ?? "");
    if (parsed.success) values[key] = parsed.data;
    else faults.push(...new Set(parsed.error.issues.map((issue) => `${key}: ${issue.message}`)));
  }
  for (const rule of rules) faults.push(...rule(values, { stack, region }));
  faults.push(...unknownKeys(project, Object.keys(pulumi.runtime.allConfig()), Object.keys(keys)));
  if (values.databricksToken !== undefined && !isConfigSecret(`${project}:databricksToken`))
    faults.push("databricksToken: must be encrypted: pulumi config set --secret databricksToken");
  if (!region) faults.push("aws:region: must be set");
  if (faults.length > 0 || !region) {
    throw new pulumi.RunError(
      `the configuration of stack ${stack} has ${faults.length} fault${faults.length > 1 ? "s" : ""}:\n` +
        faults.map((fault) => `  ${fault}`).join("\n") +
        `\nSet a key with: pulumi config set <key> <value>   (a list: --path '<key>[0]')`,
    );
  }
  const { databricksToken, ...rest } = values as Values;
  return {
    ...rest,
    region,
    databricksToken: databricksToken === undefined ? undefined : pulumi.secret(databricksToken),
  };
}
