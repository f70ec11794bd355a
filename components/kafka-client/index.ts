/**
 * The Kafka client: EC2 instances with Kafka's command line tools and Confluent's REST proxy, behind an internal network load
 * balancer. From the first of them the topics are made.
 *
 * Defaults:
 * - one t3.small, Amazon Linux 2023 (its latest image when the host is made; a newer one replaces nothing), IMDSv2 required,
 *   encrypted gp3 root volume of 20 GiB, an elastic address;
 * - Kafka's tools 2.13-3.9.1, aws-msk-iam-auth 2.3.9, Confluent 7.9.2, Java 17; every archive is checked by its checksum, every
 *   package by the key that signed it;
 * - SSH by a generated key, from the given ranges only, against a pinned host key; the host key reaches the host from Secrets
 *   Manager, encrypted by AWS's own key for it;
 * - the proxies are reached through the load balancer only, and that through PrivateLink only (API Gateway's VPC link);
 * - the hosts' role may take one other role, and that may do what the tools and the proxy do with these topics, nothing else;
 * - the hosts are set up one after the other, so that while one restarts the others answer.
 */
import * as aws from "@pulumi/aws";
import type * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { withName } from "../tags";
import type { KafkaClientArgs, TopicArgs } from "./arguments";
import { makeBalancer } from "./balancer";
import { checkArguments } from "./faults";
import { hostScript, hostUserData, imageParameter, makeHost } from "./host";
import { clientProperties, restProxyProperties } from "./properties";
import { remoteScript, type RemoteHost } from "./remote-host";
import { makeRoles } from "./roles";
import { SshKey } from "./ssh-key";
import { confluentKeyFingerprint, confluentRepository } from "./versions";

export type { KafkaClientArgs, TopicArgs };

/** Where the REST proxies and their load balancer listen. */
const restProxyPort = 8082;
/** The REST proxy's heap at most, MiB: a quarter of the smallest sensible host's memory. */
const restProxyHeapMiB = 512;

/** Topics as the script reads them. */
function topicLines(topics: readonly TopicArgs[]): pulumi.Output<string> {
  return pulumi
    .all(topics.map(({ name, partitions, config }) => pulumi.all([name, partitions, config ?? {}])))
    .apply((all) =>
      all
        .map(([name, partitions, config]) => {
          const settings = Object.entries(config).sort(([a], [b]) => (a < b ? -1 : 1));
          return [name, partitions, ...settings.map(([key, value]) => `${key}=${value}`)].join(
            "\t",
          );
        })
        .join("\n"),
    );
}

export class KafkaClient extends pulumi.ComponentResource {
  /** Where the REST proxies answer: `http://<load balancer>:8082`. */
  readonly proxyUrl: pulumi.Output<string>;
  readonly loadBalancerArn: pulumi.Output<string>;
  /** The REST proxies, as the load balancer's targets. */
  readonly targetGroupArn: pulumi.Output<string>;
  /** Security group of the hosts. */
  readonly securityGroupId: pulumi.Output<string>;
  /** Elastic addresses of the hosts. */
  readonly publicAddresses: pulumi.Output<string[]>;
  /** Names of the topics; known only once the cluster has listed them all. */
  readonly topicNames: pulumi.Output<string[]>;
  /** PEM of the key that logs in to the hosts as ec2-user; secret. */
  readonly sshPrivateKey: pulumi.Output<string>;
  /** The first host, for other components' commands. */
  readonly host: RemoteHost;

  /** @throws pulumi.InputPropertiesError naming every argument that is wrong. */
  constructor(name: string, args: KafkaClientArgs, opts?: pulumi.ComponentResourceOptions) {
    super("pinterest:kafka:KafkaClient", name, {}, opts);
    const {
      tags,
      instanceCount = 1,
      kafkaVersion = "2.13-3.9.1",
      iamAuthVersion = "2.3.9",
      confluentVersion = "7.9.2",
    } = args;
    const downloads = checkArguments(name, args, { kafka: kafkaVersion, iamAuth: iamAuthVersion });
    const child = { parent: this };

    const login = new SshKey(`${name}-login-key`, child);
    const hostKey = new SshKey(`${name}-host-key`, child);
    this.sshPrivateKey = login.privateKey;
    const hostKeySecret = new aws.secretsmanager.Secret(
      `${name}-host-key-secret`,
      {
        description: `SSH host key of the Kafka client ${name}`,
        recoveryWindowInDays: args.forceDestroy ? 0 : 7,
        tags,
      },
      child,
    );
    const hostKeyVersion = new aws.secretsmanager.SecretVersion(
      `${name}-host-key-version`,
      { secretId: hostKeySecret.id, secretString: hostKey.privateKey },
      child,
    );
    const { hostRole, hostPolicy, profile, accessRole, accessPolicy } = makeRoles(
      name,
      {
        clusterArn: args.clusterArn,
        topics: args.topics.map((topic) => topic.name),
        hostKeySecretArn: hostKeySecret.arn,
        tags,
      },
      child,
    );

    const securityGroup = new aws.ec2.SecurityGroup(
      `${name}-hosts`,
      {
        description: "Kafka client",
        vpcId: args.vpcId,
        tags: withName(tags, `${name}-hosts`),
      },
      child,
    );
    // Named by their ranges: where one is taken out of the list the others stay as they are, and EC2 meets none twice.
    for (const cidr of new Set(args.sshCidrs))
      new aws.vpc.SecurityGroupIngressRule(
        `${name}-ssh-${cidr.replace("/", "-")}`,
        {
          description: "SSH, from where the stack is deployed",
          securityGroupId: securityGroup.id,
          cidrIpv4: cidr,
          ipProtocol: "tcp",
          fromPort: 22,
          toPort: 22,
          tags,
        },
        child,
      );
    new aws.vpc.SecurityGroupEgressRule(
      `${name}-https`,
      {
        description: "HTTPS: packages, archives and AWS services",
        securityGroupId: securityGroup.id,
        cidrIpv4: "0.0.0.0/0",
        ipProtocol: "tcp",
        fromPort: 443,
        toPort: 443,
        tags,
      },
      child,
    );
    const { loadBalancer, targetGroup } = makeBalancer(
      name,
      {
        vpcId: args.vpcId,
        subnetIds: args.privateSubnetIds,
        hostSecurityGroupId: securityGroup.id,
        port: restProxyPort,
        tags,
      },
      child,
    );

    const { instanceType = "t3.small" } = args;
    const image = aws.ssm.getParameterOutput({ name: imageParameter(instanceType) }, child);
    const userData = hostUserData(login, hostKey, hostKeySecret.arn);
    const proxyProperties = pulumi
      .all([args.bootstrapBrokers, accessRole.arn])
      .apply(([bootstrapBrokers, accessRoleArn]) =>
        restProxyProperties({ bootstrapBrokers, accessRoleArn, port: restProxyPort }),
      );

    const hosts: RemoteHost[] = [];
    let topics: command.remote.Command | undefined;
    let proxy: command.remote.Command | undefined;
    for (let number = 1; number <= instanceCount; number++) {
      const hostName = `${name}-${number}`;
      const host = makeHost(
        hostName,
        {
          subnetId: args.publicSubnetIds[(number - 1) % args.publicSubnetIds.length],
          securityGroupIds: [
            securityGroup.id,
            args.clusterSecurityGroupId,
            ...(args.clientSecurityGroupIds ?? []),
          ],
          instanceType,
          imageId: image.value,
          userData,
          profile,
          roleName: hostRole.name,
          loginPrivateKey: this.sshPrivateKey,
          hostPublicKey: hostKey.publicKey,
          tags,
        },
        { ...child, dependsOn: [hostKeyVersion, hostPolicy] },
      );
      hosts.push(host);
      const run = (
        commandName: string,
        script: string,
        variables: Record<string, pulumi.Input<string | number>>,
        dependsOn: pulumi.Resource[],
        alsoFor = "",
      ) =>
        remoteScript(
          commandName,
          {
            script: hostScript(script),
            variables,
            // The address stays when a host is replaced; its id makes every command run again on the new one.
            runsAgainFor: pulumi.interpolate`${host.instance.id}${alsoFor}`,
            connection: host.connection,
            instance: host.instance,
          },
          { ...child, dependsOn: [host.ready, ...dependsOn] },
        );

      const installed = run(
        `${hostName}-kafka`,
        "install-kafka",
        {
          KAFKA_VERSION: kafkaVersion,
          KAFKA_URL: downloads.kafka.url,
          KAFKA_SHA512: downloads.kafka.checksum,
          IAM_AUTH_URL: downloads.iamAuth.url,
          IAM_AUTH_SHA256: downloads.iamAuth.checksum,
        },
        [],
      );
      const properties = run(
        `${hostName}-properties`,
        "write-properties",
        { PROPERTIES: accessRole.arn.apply(clientProperties) },
        [],
      );
      topics ??= run(
        `${name}-topics`,
        "make-topics",
        {
          BOOTSTRAP_SERVERS: args.bootstrapBrokers,
          REPLICATION_FACTOR: args.replicationFactor,
          TOPICS: topicLines(args.topics),
        },
        [installed, properties, accessPolicy],
      );
      proxy = run(
        `${hostName}-rest-proxy`,
        "install-rest-proxy",
        {
          CONFLUENT_VERSION: confluentVersion,
          REPOSITORY_URL: args.confluentRepositoryUrl ?? confluentRepository(confluentVersion),
          KEY_FINGERPRINT: confluentKeyFingerprint,
          PROPERTIES: proxyProperties,
          PORT: restProxyPort,
          HEAP_MIB: restProxyHeapMiB,
        },
        // One host after the other, so that the rest answer while one restarts.
        [installed, accessPolicy, ...(proxy ? [proxy] : [])],
        // It has loaded the jar that it found when it started.
        ` ${downloads.iamAuth.checksum}`,
      );
      new aws.lb.TargetGroupAttachment(
        `${hostName}-target`,
        { targetGroupArn: targetGroup.arn, targetId: host.instance.id, port: restProxyPort },
        { ...child, dependsOn: [proxy] },
      );
    }

    const [host] = hosts;
    if (!host || !topics) throw new Error("a Kafka client has at least one host");
    this.host = host;
    this.topicNames = pulumi
      .all([pulumi.all(args.topics.map((topic) => topic.name)), topics.id])
      .apply(([names]) => names);
    this.proxyUrl = pulumi.interpolate`http://${loadBalancer.dnsName}:${restProxyPort}`;
    this.loadBalancerArn = loadBalancer.arn;
    this.targetGroupArn = targetGroup.arn;
    this.securityGroupId = securityGroup.id;
    this.publicAddresses = pulumi.all(hosts.map(({ address }) => address));
    this.registerOutputs({
      proxyUrl: this.proxyUrl,
      loadBalancerArn: this.loadBalancerArn,
      targetGroupArn: this.targetGroupArn,
      securityGroupId: this.securityGroupId,
      publicAddresses: this.publicAddresses,
      topicNames: this.topicNames,
      sshPrivateKey: this.sshPrivateKey,
    });
  }
}
