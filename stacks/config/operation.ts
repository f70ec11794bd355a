/** Who is told, what it may cost, what is kept and what is protected. */
import { z } from "zod";
import { arn, eachOf, flag, integer } from "./forms";
import { elsewhere, rulesOver, type Checked } from "./rules";

/** The periods for which CloudWatch Logs keeps logs, in days (AWS: PutRetentionPolicy). */
const retentionDays = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288,
  3653,
];

export const alarmKeys = {
  alarmTopicArn: arn("sns"),
  alarmEmails: eachOf((value) =>
    z.email().safeParse(value).success ? undefined : `${value} is no e-mail address`,
  ),
  monthlyBudgetDollars: integer(0, 1_000_000),
};

export const dataKeys = {
  logRetentionDays: integer(1, 3653).refine(
    (value) => retentionDays.includes(value),
    `must be one of ${retentionDays.join(", ")}`,
  ),
  forceDestroy: flag,
  protectData: flag,
};

const rule = rulesOver<Checked<typeof alarmKeys> & Checked<typeof dataKeys>>();

export const operationRules = [
  rule(["alarmTopicArn"], ({ alarmTopicArn }, place) =>
    elsewhere("alarmTopicArn", alarmTopicArn, place),
  ),
  rule(
    ["alarmTopicArn", "alarmEmails"],
    ({ alarmTopicArn, alarmEmails }) =>
      alarmTopicArn !== undefined &&
      alarmEmails.length > 0 &&
      "alarmEmails: are of the stack's own topic, which there is not where alarmTopicArn is set; subscribe them to that one",
  ),
  rule(
    ["forceDestroy", "protectData"],
    ({ forceDestroy, protectData }) =>
      forceDestroy &&
      protectData &&
      "forceDestroy: says that destroy may delete data, and protectData that it may not; set one of them to false",
  ),
];
