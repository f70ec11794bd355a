/** Tags as the components take and give them. */
import * as pulumi from "@pulumi/pulumi";

export type Tags = pulumi.Input<Record<string, pulumi.Input<string>>>;

/** The tags with a Name besides, which the AWS console shows in its lists. A Name among the given tags gives way. */
export function withName(
  tags: Tags | undefined,
  name: string,
): pulumi.Output<Record<string, string>> {
  return pulumi
    .output(tags ?? {})
    .apply((given): Record<string, string> => ({ ...given, Name: name }));
}
