/**
 * The database that the posts are read from: RDS MySQL, or one that exists already.
 *
 * Defaults:
 * - MySQL 8.4 on db.t4g.small in one zone, 20 GiB of gp3 storage that grows to 100 GiB by itself; minor versions are kept up.
 * - Reached from within the VPC only, over TLS only, by what carries the client security group.
 * - Storage, backups, master password and logs are encrypted with a key of its own. The password lies in Secrets Manager,
 *   made and rotated by RDS: the program never sees it.
 * - Error and slow query logs are kept for 30 days, backups for 7.
 * - It is protected from deletion, by Pulumi and by RDS (`deletionProtection`), and its deletion leaves a final snapshot and the
 *   key to read it by, unless `forceDestroy` says that the data may go.
 */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import posts from "../schemas/posts.json";
import { allowClients } from "./client-access";
import { type Fault, refuseFaults } from "./faults";
import { keyPolicy } from "./key-policy";
import { type Tags, withName } from "./tags";

/** A database to be made. */
export interface NewSourceDatabaseArgs {
  address?: undefined;
  /** Account that deploys, for policies. */
  accountId: pulumi.Input<string>;
  /** Region that is deployed to, for policies. */
  region: pulumi.Input<string>;
  vpcId: pulumi.Input<string>;
  /** Private subnets, in at least two zones. */
  subnetIds: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * MySQL version, 8.4 or 8.0. Without a patch number RDS takes its newest and keeps it up; with one, the upgrades that RDS
   * makes by itself show as differences. Default `8.4`.
   */
  engineVersion?: pulumi.Input<string>;
  /** Default `db.t4g.small`. */
  instanceClass?: pulumi.Input<string>;
  /** Storage to begin with, in GiB, at least 20. Default 20. */
  allocatedStorageGiB?: pulumi.Input<number>;
  /** Storage that it may grow to by itself, in GiB; the same as `allocatedStorageGiB` and it never grows. Default 100. */
  maxAllocatedStorageGiB?: pulumi.Input<number>;
  /** Whether a standby in another zone takes over when this one fails. Default false. */
  multiZone?: pulumi.Input<boolean>;
  /** Days that automatic backups are kept, 1 to 35. Default 7. */
  backupRetentionDays?: pulumi.Input<number>;
  /** Days that logs are kept, one of the periods that CloudWatch Logs knows. Default 30. */
  logRetentionDays?: pulumi.Input<number>;
  /** Whether AWS refuses to delete it. Default true. */
  deletionProtection?: pulumi.Input<boolean>;
  /** Whether its deletion leaves no final snapshot, no backups and no key. Default false. */
  forceDestroy?: boolean;
  /** Tags of everything in it. Default none. */
  tags?: Tags;
}

/** A database that exists; only a security group for its clients is made. */
export interface ExistingSourceDatabaseArgs {
  /** Host name or address. */
  address: pulumi.Input<string>;
  /** TCP port. Default 3306. */
  port?: pulumi.Input<number>;
  /** Secret with its `username` and `password`, as RDS keeps them. */
  secretArn: pulumi.Input<string>;
  /** Its security group, which gets a rule that lets the clients in. */
  securityGroupId: pulumi.Input<string>;
  vpcId: pulumi.Input<string>;
  /** Tags of what is made. Default none. */
  tags?: Tags;
}

export type SourceDatabaseArgs = NewSourceDatabaseArgs | ExistingSourceDatabaseArgs;

const mysqlPort = 3306;
/** Master user of a database that is made. */
const masterUser = "admin";
/** What RDS exports to CloudWatch Logs. */
const logs = ["error", "slowquery"];
/** The least that gp3 takes. */
const leastStorageGiB = 20;
const defaults = {
  engineVersion: "8.4",
  allocatedStorageGiB: leastStorageGiB,
  maxAllocatedStorageGiB: 100,
  backupRetentionDays: 7,
};

/** Server settings, by MySQL's names. */
const parameters: Readonly<Record<string, string>> = {
  require_secure_transport: "1",
  character_set_server: "utf8mb4",
  collation_server: "utf8mb4_0900_ai_ci",
  slow_query_log: "1",
  long_query_time: "2",
  log_output: "FILE",
};

/** See the top of this file. */
export class SourceDatabase extends pulumi.ComponentResource {
  /** Host name. */
  readonly address: pulumi.Output<string>;
  /** TCP port. */
  readonly port: pulumi.Output<number>;
  /** Name of the database in it that holds the three tables of posts. */
  readonly databaseName: string = posts.database;
  /** MySQL user; undefined for a database that exists, whose secret alone tells. */
  readonly userName: string | undefined;
  /** RDS's name of the instance; undefined for a database that exists. */
  readonly identifier: pulumi.Output<string> | undefined;
  /** Secret with `username` and `password`. */
  readonly secretArn: pulumi.Output<string>;
  /** Security group that lets its bearer in. */
  readonly clientSecurityGroupId: pulumi.Output<string>;

  /** @throws pulumi.InputPropertiesError naming every argument that is wrong. */
  constructor(name: string, args: SourceDatabaseArgs, opts?: pulumi.ComponentResourceOptions) {
    super("pinterest:database:SourceDatabase", name, {}, opts);
    refuseFaults(`SourceDatabase "${name}"`, faultsOf(args));
    const { securityGroupId, clientSecurityGroupId } = allowClients(
      name,
      {
        server: "MySQL server",
        port: args.address === undefined ? mysqlPort : (args.port ?? mysqlPort),
        vpcId: args.vpcId,
        securityGroupId: args.address === undefined ? undefined : args.securityGroupId,
        tags: args.tags,
      },
      { parent: this },
    );
    this.clientSecurityGroupId = clientSecurityGroupId;
    this.userName = args.address === undefined ? masterUser : undefined;
    if (args.address === undefined) {
      const instance = this.make(name, args, securityGroupId);
      this.identifier = instance.identifier;
      this.address = instance.address;
      this.port = instance.port;
      this.secretArn = instance.masterUserSecrets.apply(firstSecretArn);
    } else {
      this.address = pulumi.output(args.address);
      this.port = pulumi.output(args.port ?? mysqlPort);
      this.secretArn = pulumi.output(args.secretArn);
    }
    this.registerOutputs({
      address: this.address,
      port: this.port,
      databaseName: this.databaseName,
      userName: this.userName,
      identifier: this.identifier,
      secretArn: this.secretArn,
      clientSecurityGroupId: this.clientSecurityGroupId,
    });
  }

  private make(
    name: string,
    args: NewSourceDatabaseArgs,
    securityGroupId: pulumi.Output<string>,
  ): aws.rds.Instance {
    const {
      accountId,
      region,
      tags,
      engineVersion = defaults.engineVersion,
      allocatedStorageGiB: allocated = defaults.allocatedStorageGiB,
      maxAllocatedStorageGiB: most = defaults.maxAllocatedStorageGiB,
      backupRetentionDays = defaults.backupRetentionDays,
      forceDestroy = false,
    } = args;
    const parent = { parent: this };
    const subnetGroup = new aws.rds.SubnetGroup(
      `${name}-subnets`,
      { description: `Subnets of ${name}`, subnetIds: args.subnetIds, tags },
      parent,
    );
    // RDS writes to log groups named after the instance, and makes those it misses unencrypted and kept for ever. So they
    // are made before it, and its name has to be known by then: it takes over the digits that made its subnet group's unique.
    const identifier = subnetGroup.name.apply((unique) => unique.replace("-subnets", ""));
    const key = new aws.kms.Key(
      `${name}-key`,
      {
        description: `Encrypts the database ${name}, its password, backups and logs`,
        enableKeyRotation: true,
        policy: keyPolicy({
          accountId,
          region,
          logGroupName: pulumi.interpolate`/aws/rds/instance/${identifier}/*`,
        }),
        tags,
      },
      // The final snapshot cannot be read without its key.
      { parent: this, retainOnDelete: forceDestroy ? undefined : true },
    );
    const logGroups = logs.map(
      (log) =>
        new aws.cloudwatch.LogGroup(
          `${name}-${log}-log`,
          {
            name: pulumi.interpolate`/aws/rds/instance/${identifier}/${log}`,
            kmsKeyId: key.arn,
            retentionInDays: args.logRetentionDays ?? 30,
            tags,
          },
          parent,
        ),
    );
    const parameterGroup = new aws.rds.ParameterGroup(
      `${name}-parameters`,
      {
        description: `TLS, character set and logs of ${name}`,
        family: pulumi.output(engineVersion).apply((version) => `mysql${release(version)}`),
        parameters: Object.entries(parameters).map(([parameter, value]) => ({
          name: parameter,
          value,
        })),
        tags,
      },
      parent,
    );
    return new aws.rds.Instance(
      `${name}-instance`,
      {
        identifier,
        engine: "mysql",
        engineVersion,
        autoMinorVersionUpgrade: true,
        instanceClass: args.instanceClass ?? "db.t4g.small",
        dbName: this.databaseName,
        parameterGroupName: parameterGroup.name,
        username: masterUser,
        manageMasterUserPassword: true,
        masterUserSecretKmsKeyId: key.arn,
        iamDatabaseAuthenticationEnabled: true,
        storageType: "gp3",
        allocatedStorage: allocated,
        // RDS takes no threshold that is reached already; 0 turns growth off.
        maxAllocatedStorage: pulumi
          .all([allocated, most])
          .apply(([from, to]) => (to > from ? to : 0)),
        storageEncrypted: true,
        kmsKeyId: key.arn,
        dbSubnetGroupName: subnetGroup.name,
        vpcSecurityGroupIds: [securityGroupId],
        publiclyAccessible: false,
        port: mysqlPort,
        multiAz: args.multiZone ?? false,
        backupRetentionPeriod: backupRetentionDays,
        copyTagsToSnapshot: true,
        deleteAutomatedBackups: forceDestroy,
        deletionProtection: args.deletionProtection ?? true,
        // By default RDS would keep a change for its maintenance window, up to a week after the deployment said that it is made.
        applyImmediately: true,
        // Another release is asked for by name.
        allowMajorVersionUpgrade: true,
        skipFinalSnapshot: forceDestroy,
        finalSnapshotIdentifier: forceDestroy ? undefined : pulumi.interpolate`${identifier}-final`,
        enabledCloudwatchLogsExports: logs,
        tags: withName(tags, name),
      },
      { parent: this, dependsOn: logGroups, protect: !forceDestroy },
    );
  }
}

/** ARN of the secret that RDS keeps for the master user; empty where RDS tells of none. */
function firstSecretArn(
  secrets: readonly aws.types.output.rds.InstanceMasterUserSecret[] | undefined,
): string {
  return secrets?.[0]?.secretArn ?? "";
}

/** The release that a version belongs to, e.g. `8.4` of `8.4.6`. */
function release(version: string): string {
  return version.split(".").slice(0, 2).join(".");
}

/** What is wrong with the arguments, as far as they are known when the program runs. */
function faultsOf(args: SourceDatabaseArgs): Fault[] {
  if (args.address !== undefined) return [];
  const {
    engineVersion = defaults.engineVersion,
    subnetIds,
    allocatedStorageGiB = defaults.allocatedStorageGiB,
    maxAllocatedStorageGiB = defaults.maxAllocatedStorageGiB,
    backupRetentionDays = defaults.backupRetentionDays,
  } = args;
  const faults: Fault[] = [];
  if (typeof engineVersion === "string" && !/^8\.[04](\.\d+)?$/.test(engineVersion))
    faults.push({
      propertyPath: "engineVersion",
      reason: `must be 8.4 or 8.0, with or without a patch number, not ${engineVersion}`,
    });
  if (Array.isArray(subnetIds) && subnetIds.length < 2)
    faults.push({
      propertyPath: "subnetIds",
      reason: `must name subnets in at least two zones, not ${subnetIds.length}`,
    });
  if (typeof allocatedStorageGiB === "number" && allocatedStorageGiB < leastStorageGiB)
    faults.push({
      propertyPath: "allocatedStorageGiB",
      reason: `must be at least ${leastStorageGiB}, the least that gp3 takes, not ${allocatedStorageGiB}`,
    });
  if (
    typeof allocatedStorageGiB === "number" &&
    typeof maxAllocatedStorageGiB === "number" &&
    maxAllocatedStorageGiB < allocatedStorageGiB
  )
    faults.push({
      propertyPath: "maxAllocatedStorageGiB",
      reason: `must be at least allocatedStorageGiB, ${allocatedStorageGiB}, not ${maxAllocatedStorageGiB}`,
    });
  if (
    typeof backupRetentionDays === "number" &&
    (backupRetentionDays < 1 || backupRetentionDays > 35)
  )
    faults.push({
      propertyPath: "backupRetentionDays",
      reason: `must be 1 to 35, not ${backupRetentionDays}`,
    });
  return faults;
}
