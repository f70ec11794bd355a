import { accountId, arn, physicalName, textInput } from "../identity";
import type { OutputsByType } from "./outputs-by-type";

export const observability: OutputsByType = {
  "aws:sns/topic:Topic": (resource) => {
    const name = physicalName(resource);
    const topicArn = arn("sns", name);
    return { id: topicArn, name, arn: topicArn, owner: accountId };
  },
  "aws:sns/topicPolicy:TopicPolicy": (resource) => ({
    id: textInput(resource, "arn"),
    owner: accountId,
  }),
  "aws:cloudwatch/dashboard:Dashboard": (resource) => {
    const name = textInput(resource, "dashboardName");
    return { id: name, dashboardArn: `arn:aws:cloudwatch::${accountId}:dashboard/${name}` };
  },
  "aws:budgets/budget:Budget": (resource) => {
    const name = physicalName(resource);
    return {
      id: `${accountId}:${name}`,
      name,
      arn: `arn:aws:budgets::${accountId}:budget/${name}`,
    };
  },
};
