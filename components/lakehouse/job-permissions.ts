/** Who besides the deploying identity, which owns the jobs, may do what with them. */
import * as databricks from "@pulumi/databricks";
import type * as pulumi from "@pulumi/pulumi";

export interface JobPermissionsArgs {
  readonly jobId: pulumi.Input<string>;
  /** Who may see the job and its runs. */
  readonly readers: readonly string[];
  /** Who may start, stop and repair its runs besides. */
  readonly operators: readonly string[];
}

/** Declares one job's permissions; all others that someone gave by hand are taken away. Nothing is made for no one. */
export function jobPermissions(
  name: string,
  { jobId, readers, operators }: JobPermissionsArgs,
  opts: pulumi.CustomResourceOptions,
): void {
  const accessControls = [
    ...operators.map((who) => ({ ...principal(who), permissionLevel: "CAN_MANAGE_RUN" })),
    ...readers
      .filter((who) => !operators.includes(who))
      .map((who) => ({ ...principal(who), permissionLevel: "CAN_VIEW" })),
  ];
  if (accessControls.length > 0) new databricks.Permissions(name, { jobId, accessControls }, opts);
}

/** Users are known by their address, service principals by their application id, a UUID, and groups by their name. */
function principal(who: string) {
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(who))
    return { servicePrincipalName: who };
  return who.includes("@") ? { userName: who } : { groupName: who };
}
