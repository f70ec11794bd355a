/** Counterparts of what Databricks' provider makes: calls of the workspace's own API, as the provider does them. */
import { readFile } from "node:fs/promises";
import type { Inputs, Json, Recorded } from "../../components/mocks/recorder";
import { textInput } from "../../components/mocks/identity";
import { cloudOutputs } from "../../components/mocks/outputs";
import type { Handlers } from "../handler";
import { addMount, callDatabricks } from "../services/databricks";

/** Fields whose keys are the user's own, and stay as they are. */
const freeForm = new Set([
  "baseParameters",
  "customTags",
  "options",
  "sparkConf",
  "sparkEnvVars",
  "tags",
]);

/** The API's names of the provider's lists, where they are not the same in snake case. */
const apiNames: Readonly<Record<string, string>> = {
  dependsOns: "depends_on",
};

function apiName(name: string): string {
  return apiNames[name] ?? name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** A provider's inputs in the form of the API. */
function apiForm(value: Json | Inputs): Json {
  if (Array.isArray(value)) return value.map(apiForm);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      apiName(name),
      freeForm.has(name) ? item : apiForm(item),
    ]),
  );
}

async function contentOf({ inputs }: Recorded): Promise<Buffer> {
  return typeof inputs.contentBase64 === "string"
    ? Buffer.from(inputs.contentBase64, "base64")
    : readFile(inputs.source as string);
}

export const lakehouse: Handlers = {
  "databricks:index/instanceProfile:InstanceProfile": async (resource, machine) => {
    await callDatabricks(machine, "POST", "/api/2.0/instance-profiles/add", {
      instance_profile_arn: textInput(resource, "instanceProfileArn"),
      iam_role_arn: resource.inputs.iamRoleArn,
    });
    return cloudOutputs(resource);
  },

  "databricks:index/cluster:Cluster": async (resource, machine) => {
    const { cluster_id: id } = await callDatabricks<{ cluster_id: string }>(
      machine,
      "POST",
      "/api/2.1/clusters/create",
      apiForm(resource.inputs) as object,
    );
    return { id, outputs: { ...cloudOutputs(resource).outputs, clusterId: id } };
  },

  // The provider has a cluster mount it, which no API tells of; here the notebooks' file system knows it.
  "databricks:index/mount:Mount": (resource, machine) => {
    const made = cloudOutputs(resource);
    const { name, source } = made.outputs;
    addMount(machine, `/mnt/${String(name)}`, String(source));
    return Promise.resolve(made);
  },

  "databricks:index/directory:Directory": async (resource, machine) => {
    await callDatabricks(machine, "POST", "/api/2.0/workspace/mkdirs", {
      path: textInput(resource, "path"),
    });
    return cloudOutputs(resource);
  },

  "databricks:index/notebook:Notebook": async (resource, machine) => {
    await callDatabricks(machine, "POST", "/api/2.0/workspace/import", {
      path: textInput(resource, "path"),
      format: resource.inputs.format,
      language: resource.inputs.language,
      content: (await contentOf(resource)).toString("base64"),
      overwrite: true,
    });
    return cloudOutputs(resource);
  },

  "databricks:index/workspaceFile:WorkspaceFile": async (resource, machine) => {
    const path = textInput(resource, "path").split("/").map(encodeURIComponent).join("/");
    await callDatabricks(
      machine,
      "POST",
      `/api/2.0/workspace-files/import-file${path}?overwrite=true`,
      await contentOf(resource),
    );
    return cloudOutputs(resource);
  },

  "databricks:index/job:Job": async (resource, machine) => {
    const { job_id: id } = await callDatabricks<{ job_id: number }>(
      machine,
      "POST",
      "/api/2.2/jobs/create",
      apiForm(resource.inputs) as object,
    );
    return { id: String(id), outputs: cloudOutputs(resource).outputs };
  },
};
