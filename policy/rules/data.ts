/** Data is deleted only where the stack says so. */
import { at, eachOf, holds, isSet, settingsOf, type Rule } from "../graph";

/** What holds data that is nowhere else. */
const holdsData = [
  "aws:kinesis/stream:Stream",
  "aws:msk/cluster:Cluster",
  "aws:rds/instance:Instance",
  "aws:s3/bucket:Bucket",
];

export const dataProtected: Rule = {
  name: "data-protected",
  reason: "One wrong destroy must not take what cannot be made again.",
  source: "Well-Architected REL09-BP02, OPS05-BP10",
  check: eachOf(holdsData, ({ protect }, { deletesData }) =>
    protect || deletesData ? undefined : "can be destroyed with its data: protect it",
  ),
};

export const databasesKept: Rule = {
  name: "databases-kept",
  reason: "The source database is the one thing that nothing else can replace.",
  source: "AWS FSBP RDS.8, RDS.11; Well-Architected REL09-BP01",
  check: eachOf(["aws:rds/instance:Instance"], (database, { deletesData }) => {
    const isKept =
      holds(at(database, "deletionProtection"), (on) => on === true) &&
      holds(at(database, "skipFinalSnapshot"), (skip) => skip === false) &&
      holds(at(database, "finalSnapshotIdentifier"), isSet) &&
      holds(at(database, "backupRetentionPeriod"), (days) => Number(days) >= 7);
    return isKept || deletesData
      ? undefined
      : "may be lost: set deletionProtection, a final snapshot and at least 7 days of backups";
  }),
};

export const databasesBackedUp: Rule = {
  name: "databases-backed-up",
  reason: "A wrong statement is undone from a backup or not at all.",
  source: "AWS FSBP RDS.11",
  check: eachOf(["aws:rds/instance:Instance"], (database) =>
    holds(at(database, "backupRetentionPeriod"), (days) => Number(days) >= 1)
      ? undefined
      : "is never backed up: set backupRetentionPeriod",
  ),
};

export const bucketsVersioned: Rule = {
  name: "buckets-versioned",
  reason: "An object that was overwritten or deleted by mistake is there still.",
  source: "AWS FSBP S3.14; Well-Architected REL09-BP01",
  check: eachOf(["aws:s3/bucket:Bucket"], (bucket, stack) =>
    settingsOf(stack, bucket, "aws:s3/bucketVersioning:BucketVersioning").some((versioning) =>
      holds(at(versioning, "versioningConfiguration.status"), (status) => status === "Enabled"),
    )
      ? undefined
      : "forgets what is overwritten: turn versioning on",
  ),
};

/** What makes a deletion final, by property. */
const final: Readonly<Record<string, unknown>> = {
  enforceConsumerDeletion: true,
  forceDelete: true,
  forceDestroy: true,
  recoveryWindowInDays: 0,
  skipFinalSnapshot: true,
};

export const finalDeletionSaid: Rule = {
  name: "final-deletion-said",
  reason: "What cannot be undone is asked for once by the component and once by the stack.",
  source: "Well-Architected REL09-BP02",
  check: ({ resources, deletesData }) =>
    resources.flatMap((resource) => {
      const set = Object.keys(final).filter((name) => resource.inputs[name] === final[name]);
      return set.length === 0 || deletesData
        ? []
        : [{ resource, message: `is deleted for good: ${set.join(", ")} without forceDestroy` }];
    }),
};

export const dataRules: readonly Rule[] = [
  dataProtected,
  databasesKept,
  databasesBackedUp,
  bucketsVersioned,
  finalDeletionSaid,
];
