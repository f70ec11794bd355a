/** The source database that is made, or the one to use. */
import { arn, flag, identifier, integer, matching, optional } from "./forms";
import { elsewhere, rulesOver, together, type Checked } from "./rules";

export const databaseKeys = {
  /** Those that RDS for MySQL makes. */
  databaseVersion: matching(
    /^(8\.0|8\.4)(\.\d+)?$/,
    "8.0 or 8.4, the MySQL versions that RDS supports",
  ),
  databaseInstanceClass: matching(
    /^db\.[a-z0-9]+\.[a-z0-9]+$/,
    "an RDS instance class such as db.t4g.small",
  ),
  /** RDS makes gp3 volumes from 20 GiB to 64 TiB. */
  databaseStorageGiB: integer(20, 65_536),
  databaseMaxStorageGiB: integer(20, 65_536),
  databaseMultiZone: flag,
  /** RDS keeps backups 35 days at most; 0 would switch them off. */
  databaseBackupDays: integer(1, 35),
  existingDatabaseAddress: optional,
  existingDatabasePort: integer(1, 65_535),
  existingDatabaseCredentialsArn: arn("secretsmanager"),
  existingDatabaseSecurityGroupId: identifier("sg"),
};

const rule = rulesOver<Checked<typeof databaseKeys>>();

export const databaseRules = [
  rule(
    ["databaseStorageGiB", "databaseMaxStorageGiB"],
    ({ databaseStorageGiB, databaseMaxStorageGiB }) =>
      databaseMaxStorageGiB < databaseStorageGiB &&
      `databaseMaxStorageGiB: ${databaseMaxStorageGiB} is less than databaseStorageGiB, ${databaseStorageGiB}`,
  ),
  rule(
    [
      "existingDatabaseAddress",
      "existingDatabaseCredentialsArn",
      "existingDatabaseSecurityGroupId",
    ],
    (values) =>
      together(
        values,
        "existingDatabaseAddress: goes with existingDatabaseCredentialsArn and existingDatabaseSecurityGroupId; set all three or none",
      ),
  ),
  rule(
    ["existingDatabaseAddress", "databaseMultiZone"],
    ({ existingDatabaseAddress, databaseMultiZone }) =>
      existingDatabaseAddress !== undefined &&
      databaseMultiZone &&
      "databaseMultiZone: no standby is made of an existing database (existingDatabaseAddress); set it to false",
  ),
  rule(["existingDatabaseCredentialsArn"], ({ existingDatabaseCredentialsArn }, place) =>
    elsewhere("existingDatabaseCredentialsArn", existingDatabaseCredentialsArn, place),
  ),
];
