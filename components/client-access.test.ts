import assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import { allowClients } from "./client-access";
import { named, record } from "./mocks/recorder";

describe("allowClients", () => {
  for (const preview of [false, true]) {
    it(`gives out the client group once both rules stand (preview ${preview})`, async () => {
      const { resources } = await record(
        () => {
          const access = allowClients("cache", { server: "Cache", port: 6379, vpcId: "vpc-1" }, {});
          new aws.ec2.Instance("client", { vpcSecurityGroupIds: [access.clientSecurityGroupId] });
        },
        { preview },
      );
      const { dependencies } = named(resources, "client");
      for (const rule of ["cache-client-egress", "cache-client-ingress"])
        assert.ok(dependencies.includes(named(resources, rule).urn), rule);
    });
  }
});
