import { accountId, hexadecimal, physicalName, textInput, uuid } from "../identity";
import type { Inputs, Recorded } from "../recorded";
import type { OutputsByType } from "./outputs-by-type";

/** Who deployed. */
const owner = "deployer@example.com";
const host = "https://dbc-a1b2c3d4-e5f6.cloud.databricks.com";

/** A number as Databricks gives: many digits, no zero in front. */
function longNumber(resource: Recorded, digits: number): number {
  const number = BigInt(`0x${hexadecimal(resource.urn, 12)}`).toString();
  return Number(`1${number.padStart(digits, "0").slice(1 - digits)}`);
}

/** What notebooks, files and folders of a workspace have in common: the path is the id. */
function workspaceObject(resource: Recorded): Record<string, unknown> & { id: string } {
  const path = textInput(resource, "path");
  return {
    id: path,
    objectId: longNumber(resource, 15),
    workspacePath: `/Workspace${path}`,
    url: `${host}/#workspace${path}`,
  };
}

export const lakehouse: OutputsByType = {
  "databricks:index/instanceProfile:InstanceProfile": (resource) => ({
    id: textInput(resource, "instanceProfileArn"),
    skipValidation: false,
  }),
  "databricks:index/cluster:Cluster": (resource) => {
    const id = `1023-104512-${hexadecimal(resource.urn, 8)}`;
    return {
      id,
      clusterId: id,
      state: "RUNNING",
      url: `${host}/#setting/clusters/${id}/configuration`,
      defaultTags: { Vendor: "Databricks", ClusterId: id },
    };
  },
  "databricks:index/mount:Mount": (resource) => {
    const name = physicalName(resource);
    const { bucketName } = resource.inputs.s3 as { bucketName: string };
    return { id: name, name, source: `s3a://${bucketName}` };
  },
  "databricks:index/directory:Directory": workspaceObject,
  "databricks:index/notebook:Notebook": (resource) => ({
    ...workspaceObject(resource),
    objectType: "NOTEBOOK",
  }),
  "databricks:index/workspaceFile:WorkspaceFile": workspaceObject,
  "databricks:index/job:Job": (resource) => {
    const id = String(longNumber(resource, 15));
    return { id, url: `${host}/#job/${id}`, format: "MULTI_TASK" };
  },
  "databricks:index/permissions:Permissions": (resource) => ({
    id: `/jobs/${textInput(resource, "jobId")}`,
    objectType: "job",
  }),
  "databricks:index/storageCredential:StorageCredential": (resource) => ({
    id: physicalName(resource),
    name: physicalName(resource),
    storageCredentialId: uuid(resource.urn),
    metastoreId: uuid(host),
    owner,
    awsIamRole: {
      ...(resource.inputs.awsIamRole as Inputs),
      externalId: uuid(`${resource.urn} external id`),
      unityCatalogIamArn: `arn:aws:iam::${accountId}:role/unity-catalog`,
    },
  }),
  "databricks:index/externalLocation:ExternalLocation": (resource) => ({
    id: physicalName(resource),
    name: physicalName(resource),
    metastoreId: uuid(host),
    owner,
    credentialId: uuid(textInput(resource, "credentialName")),
    browseOnly: false,
  }),
  "databricks:index/schema:Schema": (resource) => ({
    id: `${textInput(resource, "catalogName")}.${physicalName(resource)}`,
    name: physicalName(resource),
    schemaId: uuid(resource.urn),
    metastoreId: uuid(host),
    owner,
  }),
  "databricks:index/volume:Volume": (resource) => {
    const names = [textInput(resource, "catalogName"), textInput(resource, "schemaName")];
    const name = physicalName(resource);
    return {
      id: [...names, name].join("."),
      name,
      owner,
      volumePath: ["/Volumes", ...names, name].join("/"),
    };
  },
  "databricks:index/grants:Grants": (resource) => {
    const securable = resource.inputs.volume === undefined ? "schema" : "volume";
    return { id: `${securable}/${textInput(resource, securable)}` };
  },
};
