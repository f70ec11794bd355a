/** Counterparts of MWAA: Airflow on this machine. */
import { textInput } from "../../components/mocks/identity";
import { cloudOutputs } from "../../components/mocks/outputs";
import type { Handlers } from "../handler";
import { startAirflow } from "../services/airflow";

export const orchestration: Handlers = {
  "aws:mwaa/environment:Environment": async (resource, machine) => {
    await startAirflow(machine, {
      airflowVersion: textInput(resource, "airflowVersion"),
      bucket: textInput(resource, "sourceBucketArn").split(":").at(-1) ?? "",
      dagsPath: textInput(resource, "dagS3Path"),
      options: resource.inputs.airflowConfigurationOptions as Record<string, string>,
    });
    return cloudOutputs(resource);
  },
};
