import { arn, hexadecimal, physicalName, region, uuid } from "../identity";
import type { OutputsByType } from "./outputs-by-type";

export const database: OutputsByType = {
  "aws:rds/subnetGroup:SubnetGroup": (resource) => {
    const name = physicalName(resource);
    return { id: name, name, arn: arn("rds", `subgrp:${name}`), supportedNetworkTypes: ["IPV4"] };
  },
  "aws:rds/parameterGroup:ParameterGroup": (resource) => {
    const name = physicalName(resource);
    return { id: name, name, arn: arn("rds", `pg:${name}`) };
  },
  "aws:rds/instance:Instance": (resource) => {
    const identifier = physicalName(resource, "identifier");
    const resourceId = `db-${hexadecimal(resource.urn, 26).toUpperCase()}`;
    const address = `${identifier}.c${hexadecimal(resource.urn, 11)}.${region}.rds.amazonaws.com`;
    const port = Number(resource.inputs.port ?? 3306);
    const secret = `rds!db-${uuid(resource.urn)}-${hexadecimal(resource.urn, 6)}`;
    return {
      id: resourceId,
      resourceId,
      identifier,
      arn: arn("rds", `db:${identifier}`),
      address,
      port,
      endpoint: `${address}:${port}`,
      hostedZoneId: "Z2R2ITUGPM61AM",
      status: "available",
      engineVersionActual: resource.inputs.engineVersion,
      masterUserSecrets: resource.inputs.manageMasterUserPassword
        ? [
            {
              secretArn: arn("secretsmanager", `secret:${secret}`),
              kmsKeyId: resource.inputs.masterUserSecretKmsKeyId,
              secretStatus: "active",
            },
          ]
        : [],
    };
  },
};
