/** The daily run. */
import { airflowVersions } from "../../components/orchestration/dag-files";
import { integer, matching, oneOf, optional } from "./forms";
import { rulesOver, type Checked } from "./rules";

export const airflowKeys = {
  airflowMode: oneOf("managed", "existing", "none"),
  /** Those that MWAA makes and the daily run is tested in. */
  airflowVersion: oneOf(...airflowVersions),
  airflowEnvironmentClass: matching(
    /^mw1\.(micro|small|medium|large|xlarge|2xlarge)$/,
    "a class of MWAA, mw1.micro to mw1.2xlarge",
  ),
  /** MWAA's quota for an environment. */
  airflowMaxWorkers: integer(1, 25),
  airflowWebserverAccess: oneOf("private", "public"),
  airflowRetryDelaySeconds: integer(1, 3_600),
  airflowPollSeconds: integer(1, 600),
  existingAirflowBucket: optional,
  existingAirflowDagsPath: optional,
  existingAirflowConnectionsPrefix: optional,
  existingAirflowVariablesPrefix: optional,
  quarantineLimitPercent: integer(0, 100),
};

const rule = rulesOver<Checked<typeof airflowKeys>>();

export const airflowRules = [
  rule(
    [
      "airflowMode",
      "existingAirflowBucket",
      "existingAirflowDagsPath",
      "existingAirflowConnectionsPrefix",
      "existingAirflowVariablesPrefix",
    ],
    ({ airflowMode, ...existing }) =>
      Object.values(existing).filter((value) => value !== undefined).length !==
        (airflowMode === "existing" ? 4 : 0) &&
      "airflowMode: existing goes with existingAirflowBucket, existingAirflowDagsPath, existingAirflowConnectionsPrefix and existingAirflowVariablesPrefix; set all or none",
  ),
  rule(
    ["airflowEnvironmentClass", "airflowMaxWorkers"],
    ({ airflowEnvironmentClass, airflowMaxWorkers }) =>
      airflowEnvironmentClass === "mw1.micro" &&
      airflowMaxWorkers > 1 &&
      `airflowMaxWorkers: mw1.micro (airflowEnvironmentClass) has one worker, not ${airflowMaxWorkers}`,
  ),
];
