/** The token with which Airflow calls the Databricks workspace, where it is given none. */
import * as databricks from "@pulumi/databricks";
import * as pulumi from "@pulumi/pulumi";

/**
 * Makes the token. It lives as long as the workspace lets one live, and no token lives for ever (Databricks: "Token", lifetime); so the
 * first deployment of each quarter makes another.
 */
export function airflowToken(
  name: string,
  parent: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const comment = `Airflow of ${pulumi.getProject()} ${pulumi.getStack()}, ${quarterOf(new Date())}`;
  return new databricks.Token(`${name}-token`, { comment }, parent).tokenValue;
}

/** The quarter of a moment in UTC, such as `2026 Q4`. */
export function quarterOf(moment: Date): string {
  return `${moment.getUTCFullYear()} Q${Math.floor(moment.getUTCMonth() / 3) + 1}`;
}
