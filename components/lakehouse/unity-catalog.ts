/** The bucket as a volume of Unity Catalog, in the place of a mount. */
import * as aws from "@pulumi/aws";
import * as databricks from "@pulumi/databricks";
import * as pulumi from "@pulumi/pulumi";
import { contentName } from "../content-name";
import type { Tags } from "../tags";
import { type BucketAccess, bucketStatements } from "./bucket-access";

/** Where in Unity Catalog the volume lies. */
export interface UnityCatalog {
  /** A catalog that exists. Who deploys needs USE CATALOG and CREATE SCHEMA on it, and the metastore's CREATE STORAGE CREDENTIAL and CREATE EXTERNAL LOCATION. */
  readonly catalogName: pulumi.Input<string>;
  /** Schema that is made in it. Default `pinterest_<id>_<stack>`. */
  readonly schemaName?: pulumi.Input<string>;
  /** AWS account of the bucket, in which Unity Catalog's role is made. */
  readonly accountId: pulumi.Input<string>;
}

export interface BucketVolumeArgs {
  readonly catalog: UnityCatalog;
  /** Name of the credential and the external location; one a metastore. */
  readonly ownName: pulumi.Output<string>;
  readonly bucketName: pulumi.Input<string>;
  readonly bucket: BucketAccess;
  /** Users, groups and service principals who may read the volume. */
  readonly readers: readonly string[];
  readonly tags: Tags | undefined;
}

/**
 * Declares the bucket's volume, and all that Unity Catalog needs to reach it: a role that trusts Unity Catalog and itself
 * (Databricks: "Create a storage credential"), the credential, the external location, a schema and the volume. Credential
 * and location are of this workspace alone. No cluster is needed for any of it, on `destroy` neither.
 *
 * The volume is of the whole bucket, so that notebooks find the same folders in it as under a mount. Readers get READ VOLUME
 * and USE SCHEMA; the catalog is not this stack's, so its owner gives them USE CATALOG.
 *
 * @returns where clusters see the bucket, `/Volumes/<catalog>/<schema>/<volume>`; known once the volume is there.
 */
export function bucketVolume(
  name: string,
  args: BucketVolumeArgs,
  opts: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const { catalog, ownName, bucketName, bucket, readers } = args;
  const { catalogName, accountId } = catalog;
  const partition = pulumi.output(bucket.bucketArn).apply((arn) => arn.split(":")[1] ?? "aws");
  const roleName = ownName.apply((text) => contentName(`${name}-catalog`, text));
  // The role trusts whoever knows the credential's external id, which Databricks makes up: hence the credential first, of
  // a role that is yet to be made, and the role's ARN put together from its name, which ends in a digest of the stack's and
  // the id: both in full would be more than the 64 characters that IAM takes.
  const roleArn = pulumi.interpolate`arn:${partition}:iam::${accountId}:role/${roleName}`;
  const isolationMode = "ISOLATION_MODE_ISOLATED";
  const comment = "Reaches the bucket of the posts";
  const credential = new databricks.StorageCredential(
    `${name}-storage-credential`,
    { name: ownName, awsIamRole: { roleArn }, isolationMode, skipValidation: true, comment },
    opts,
  );
  const externalId = credential.awsIamRole.apply((role) => role?.externalId ?? "");
  const role = new aws.iam.Role(
    `${name}-catalog-role`,
    {
      name: roleName,
      description: "Unity Catalog, for clusters that clean and query the posts",
      assumeRolePolicy: databricks.getAwsUnityCatalogAssumeRolePolicyOutput(
        { awsAccountId: accountId, awsPartition: partition, roleName, externalId },
        opts,
      ).json,
      tags: args.tags,
    },
    opts,
  );
  const rights = new aws.iam.RolePolicy(
    `${name}-catalog-policy`,
    {
      role: role.name,
      policy: pulumi.jsonStringify({
        Version: "2012-10-17",
        Statement: [
          ...bucketStatements(bucket),
          { Sid: "AssumeItself", Effect: "Allow", Action: "sts:AssumeRole", Resource: roleArn },
        ],
      }),
    },
    opts,
  );
  const location = new databricks.ExternalLocation(
    `${name}-external-location`,
    {
      name: ownName,
      url: pulumi.interpolate`s3://${bucketName}`,
      credentialName: credential.name,
      isolationMode,
      // Validation writes to the bucket's root, where the role may not, and seconds before IAM knows the role everywhere.
      skipValidation: true,
      // Databricks' default is to have the bucket tell it of new objects, for which the role has no rights. Nothing here asks for it.
      enableFileEvents: false,
      comment,
    },
    { ...opts, dependsOn: [rights] },
  );
  const schema = new databricks.Schema(
    `${name}-schema`,
    {
      catalogName,
      name: catalog.schemaName ?? ownName.apply((text) => text.replaceAll(/[^A-Za-z0-9]+/g, "_")),
      comment: "The posts of the Pinterest pipeline",
    },
    opts,
  );
  const volume = new databricks.Volume(
    `${name}-volume`,
    {
      catalogName: schema.catalogName,
      schemaName: schema.name,
      name: "bucket",
      volumeType: "EXTERNAL",
      storageLocation: location.url,
      comment: "Topics, tables and results",
    },
    opts,
  );
  if (readers.length > 0) {
    const grants = (privilege: string) =>
      readers.map((principal) => ({ principal, privileges: [privilege] }));
    new databricks.Grants(
      `${name}-schema-grants`,
      { schema: schema.id, grants: grants("USE_SCHEMA") },
      opts,
    );
    new databricks.Grants(
      `${name}-volume-grants`,
      { volume: volume.id, grants: grants("READ_VOLUME") },
      opts,
    );
  }
  return pulumi.interpolate`/Volumes/${volume.catalogName}/${volume.schemaName}/${volume.name}`;
}
