import { accountId, arn, hexadecimal, physicalName, region, textInput } from "../identity";
import type { Recorded } from "../recorded";
import type { OutputsByType } from "./outputs-by-type";

/** An id as API Gateway gives: lower-case letters and digits. */
function shortId(resource: Recorded, length: number, of = ""): string {
  const digits = BigInt(`0x${hexadecimal(resource.urn + of, 16)}`)
    .toString(36)
    .padStart(13, "0");
  return digits.repeat(Math.ceil(length / digits.length)).slice(0, length);
}

/** API Gateway's own resources have ARNs without an account. */
function gatewayArn(path: string): string {
  return `arn:aws:apigateway:${region}::${path}`;
}

const createdDate = "2026-11-02T09:30:00Z";

export const api: OutputsByType = {
  "aws:apigateway/vpcLink:VpcLink": (resource) => {
    const id = shortId(resource, 6);
    return { id, name: physicalName(resource), arn: gatewayArn(`/vpclinks/${id}`) };
  },
  "aws:apigateway/restApi:RestApi": (resource) => {
    const id = shortId(resource, 10);
    return {
      id,
      name: physicalName(resource),
      arn: gatewayArn(`/restapis/${id}`),
      executionArn: arn("execute-api", id),
      rootResourceId: shortId(resource, 10, "/"),
      apiKeySource: "HEADER",
      createdDate,
    };
  },
  "aws:apigateway/deployment:Deployment": (resource) => ({
    id: shortId(resource, 6),
    createdDate,
  }),
  "aws:apigateway/stage:Stage": (resource) => {
    const restApi = textInput(resource, "restApi");
    const stageName = textInput(resource, "stageName");
    return {
      id: `ags-${restApi}-${stageName}`,
      arn: gatewayArn(`/restapis/${restApi}/stages/${stageName}`),
      executionArn: arn("execute-api", `${restApi}/${stageName}`),
      invokeUrl: `https://${restApi}.execute-api.${region}.amazonaws.com/${stageName}`,
      webAclArn: "",
    };
  },
  "aws:apigateway/methodSettings:MethodSettings": (resource) => ({
    id: ["restApi", "stageName", "methodPath"]
      .map((property) => textInput(resource, property))
      .join("-"),
  }),
  "aws:apigateway/account:Account": () => ({
    id: accountId,
    apiKeyVersion: "4",
    features: ["UsagePlans"],
    throttleSettings: [{ burstLimit: 5000, rateLimit: 10000 }],
  }),
  "aws:apigateway/usagePlan:UsagePlan": (resource) => {
    const id = shortId(resource, 6);
    return { id, name: physicalName(resource), arn: gatewayArn(`/usageplans/${id}`) };
  },
  "aws:apigateway/apiKey:ApiKey": (resource) => {
    const id = shortId(resource, 10);
    return {
      id,
      name: physicalName(resource),
      arn: gatewayArn(`/apikeys/${id}`),
      value: shortId(resource, 40, "value"),
      createdDate,
      lastUpdatedDate: createdDate,
    };
  },
  "aws:apigateway/usagePlanKey:UsagePlanKey": (resource) => ({
    id: textInput(resource, "keyId"),
    name: physicalName(resource),
    value: shortId(resource, 40, "value"),
  }),
};
