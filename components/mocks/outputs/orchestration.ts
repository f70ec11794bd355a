import { arn, hexadecimal, physicalName, region, uuid } from "../identity";
import type { OutputsByType } from "./outputs-by-type";

export const orchestration: OutputsByType = {
  "aws:mwaa/environment:Environment": (resource) => {
    const name = physicalName(resource);
    return {
      id: name,
      name,
      arn: arn("airflow", `environment/${name}`),
      webserverUrl: `${uuid(resource.urn)}-vpce.c7.${region}.airflow.amazonaws.com`,
      status: "AVAILABLE",
    };
  },
  "databricks:index/token:Token": (resource) => {
    const tokenId = hexadecimal(resource.urn, 64);
    return { id: tokenId, tokenId, tokenValue: `dapi${hexadecimal(resource.name, 32)}` };
  },
};
