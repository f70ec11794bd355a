import assert from "node:assert/strict";
import { clusterLocation, isClusterArn, kafkaResourceArn } from "./kafka-resource-arn";

const cluster =
  "arn:aws:kafka:eu-west-1:111122223333:cluster/posts/9b0c5d1e-1111-2222-3333-444455556666-7";

describe("kafkaResourceArn", () => {
  it("names topics and groups as IAM access control does", () => {
    const inside = "posts/9b0c5d1e-1111-2222-3333-444455556666-7";
    assert.equal(
      kafkaResourceArn(cluster, "topic", "0ea7b76ff169.pin"),
      `arn:aws:kafka:eu-west-1:111122223333:topic/${inside}/0ea7b76ff169.pin`,
    );
    assert.equal(
      kafkaResourceArn(cluster, "group", "__amazon_msk_connect_*"),
      `arn:aws:kafka:eu-west-1:111122223333:group/${inside}/__amazon_msk_connect_*`,
    );
  });

  it("tells where the cluster is", () => {
    assert.deepEqual(clusterLocation(cluster), {
      partition: "aws",
      region: "eu-west-1",
      accountId: "111122223333",
    });
  });
});

describe("isClusterArn", () => {
  it("tells a cluster's ARN from others", () => {
    assert.ok(isClusterArn(cluster));
    for (const wrong of ["", "posts", cluster.replace(":cluster/", ":topic/"), `${cluster}/pin`])
      assert.ok(!isClusterArn(wrong), wrong);
  });
});
