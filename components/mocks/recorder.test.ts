import assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { named, record } from "./recorder";

class Pair extends pulumi.ComponentResource {
  readonly address: pulumi.Output<string>;

  constructor(name: string, opts?: pulumi.ComponentResourceOptions) {
    super("pinterest:test:Pair", name, {}, opts);
    const topic = new aws.sns.Topic(
      `${name}-topic`,
      { kmsMasterKeyId: pulumi.secret("key") },
      { parent: this, protect: true },
    );
    new aws.sns.TopicPolicy(`${name}-policy`, { arn: topic.id, policy: "{}" }, { parent: this });
    this.address = topic.id;
    this.registerOutputs();
  }
}

describe("record", () => {
  for (const preview of [false, true]) {
    it(`records types, parents, dependencies, secrets and protection (preview ${preview})`, async () => {
      const { resources } = await record(() => new Pair("pair"), { preview });
      const stack = "urn:pulumi:test::pinterest-data-pipeline::";
      assert.deepEqual(
        resources.map((resource) => resource.urn),
        [
          `${stack}pulumi:pulumi:Stack::pinterest-data-pipeline-test`,
          `${stack}pinterest:test:Pair::pair`,
          `${stack}pinterest:test:Pair$aws:sns/topic:Topic::pair-topic`,
          `${stack}pinterest:test:Pair$aws:sns/topicPolicy:TopicPolicy::pair-policy`,
        ],
      );
      const topic = named(resources, "pair-topic");
      assert.equal(topic.parent, named(resources, "pair").urn);
      assert.equal(topic.protect, true);
      assert.deepEqual(topic.secrets, [["kmsMasterKeyId"]]);
      assert.deepEqual(named(resources, "pair-policy").dependencies, [topic.urn]);
    });
  }

  it("throws what the program throws", async () => {
    await assert.rejects(
      record(() => {
        throw new Error("no such zone");
      }),
      /no such zone/,
    );
  });

  it("throws it with its place in the sources", async () => {
    const here = Number(/:(\d+):\d+\)?$/m.exec(new Error().stack ?? "")?.[1]);
    await assert.rejects(
      record(async () => {
        await Promise.resolve();
        throw new Error("no such zone");
      }),
      ({ stack }: Error) => stack?.includes(`recorder.test.ts:${here + 4}:`) ?? false,
    );
    assert.equal(process.sourceMapsEnabled, true);
  });

  it("throws when a resource is declared twice", async () => {
    await assert.rejects(
      record(() => [new aws.sns.Topic("one"), new aws.sns.Topic("one")]),
      /declared twice/,
    );
  });

  it("throws what a resource's maker throws, and makes nothing that waits for it", async () => {
    const made: string[] = [];
    await assert.rejects(
      record(() => new Pair("pair"), {
        make: ({ name }) => {
          made.push(name);
          throw new Error("the broker does not start");
        },
      }),
      /pair-topic: the broker does not start/,
    );
    assert.deepEqual(made, ["pair-topic"]);
  });
});
