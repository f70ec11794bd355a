/** Databricks: the workspace, its clusters, and who may see what. */
import { filled, integer, list, matching, optional, optionallyMatching } from "./forms";
import { rulesOver, type Checked } from "./rules";

export const lakehouseKeys = {
  /** A workspace's own address; on this machine that of the local target's, by plain HTTP. */
  databricksHost: matching(
    /^(https:\/\/[^\s/]+|http:\/\/127\.0\.0\.1(:\d+)?)\/?$/,
    "the URL of your Databricks workspace, such as https://dbc-….cloud.databricks.com",
  )
    .refine(
      (value) => !/^https:\/\/accounts\./.test(value),
      "is the account console's; a workspace has a URL of its own",
    )
    .refine(
      (value) => !/\.(azuredatabricks\.net|gcp\.databricks\.com)\/?$/.test(value),
      "is a workspace of another cloud; the clusters need one on AWS",
    ),
  databricksToken: optional,
  databricksSparkVersion: matching(
    /^\d+\.\d+\.x-scala2\.1[23]$/,
    "a Databricks runtime such as 17.3.x-scala2.13",
  ),
  databricksNodeType: filled,
  databricksMinWorkers: integer(1, 1000),
  databricksMaxWorkers: integer(1, 1000),
  databricksStreamWorkers: integer(1, 1000),
  databricksCrossAccountRole: optional,
  databricksCatalog: optionallyMatching(
    /^[^\s./]+$/,
    "a catalog's name, without spaces, dots and slashes",
  ),
  databricksReaders: list,
  databricksOperators: list,
};

const rule = rulesOver<Checked<typeof lakehouseKeys>>();

export const lakehouseRules = [
  rule(
    ["databricksMinWorkers", "databricksMaxWorkers"],
    ({ databricksMinWorkers, databricksMaxWorkers }) =>
      databricksMaxWorkers < databricksMinWorkers &&
      `databricksMaxWorkers: ${databricksMaxWorkers} is less than databricksMinWorkers, ${databricksMinWorkers}`,
  ),
  // The notebooks are tested on Spark 4, which begins with runtime 17 and has no Scala 2.12.
  rule(["databricksSparkVersion"], ({ databricksSparkVersion }) => {
    const [major, scala] = databricksSparkVersion.split(/\..*scala/);
    return (
      (Number(major) < 17 || scala !== "2.13") &&
      `databricksSparkVersion: ${databricksSparkVersion} has no Spark 4, which the notebooks are for; take 17.3.x-scala2.13 or later, which are for Scala 2.13 only`
    );
  }),
];
