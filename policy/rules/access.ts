/** Whoever acts may do what its work takes, and nothing else. */
import { type Rule, type Stack, type Violation } from "../graph";
import {
  conditionsOf,
  listed,
  statementsOf,
  titleOf,
  type PlacedStatement,
  type Statement,
} from "../statements";

/** Actions for which AWS takes no narrower resource than all (Service Authorization Reference). */
const withoutResource = [
  "cloudwatch:PutMetricData",
  "kinesis:ListStreams",
  "logs:DescribeLogGroups",
  "s3:GetAccountPublicAccessBlock",
];

/** Services that say on whose behalf they take a role, so that a trust policy can hold them to it. */
const withoutSource: Readonly<Record<string, string>> = {
  "ec2.amazonaws.com": "an instance takes its role through its instance profile, which names it",
  "apigateway.amazonaws.com": "API Gateway gives neither key when it takes an integration's role",
};

function broken(
  placed: readonly PlacedStatement[],
  message: (statement: Statement) => string | false,
): Violation[] {
  return placed.flatMap(({ resource, statement }) => {
    const told = statement.Effect === "Allow" && message(statement);
    return told ? [{ resource, message: `${titleOf(statement)} ${told}` }] : [];
  });
}

export const noWildcardActions: Rule = {
  name: "no-wildcard-actions",
  reason: "A wildcard grants what AWS adds next year too.",
  source: "AWS FSBP IAM.1, IAM.21; Well-Architected SEC03-BP02",
  check: (stack: Stack) =>
    (["identity", "trust", "resource"] as const).flatMap((sort) =>
      broken(statementsOf(stack, sort), ({ Action }) => {
        const wild = listed(Action).filter((action) => action.includes("*"));
        return wild.length > 0 && `grants ${wild.join(", ")}: name the actions`;
      }),
    ),
};

export const noWildcardResources: Rule = {
  name: "no-wildcard-resources",
  reason: "A grant on everything is a grant on what others own.",
  source: "AWS FSBP IAM.21; Well-Architected SEC03-BP02",
  check: (stack) =>
    broken(statementsOf(stack, "identity"), ({ Action, Resource }) => {
      if (!listed(Resource).includes("*")) return false;
      const narrower = listed(Action).filter((action) => !withoutResource.includes(action));
      return (
        narrower.length > 0 && `grants ${narrower.join(", ")} on everything: name the resources`
      );
    }),
};

export const passedRolesNamed: Rule = {
  name: "passed-roles-named",
  reason: "Who may pass any role to any service may become any role.",
  source: "Well-Architected SEC03-BP02; IAM user guide, Granting a user permissions to pass a role",
  check: (stack) =>
    broken(
      statementsOf(stack, "identity"),
      (statement) =>
        listed(statement.Action).includes("iam:PassRole") &&
        !conditionsOf(statement).has("iam:passedtoservice") &&
        "lets roles be passed to any service: hold it to iam:PassedToService",
    ),
};

export const keysUsedThroughServices: Rule = {
  name: "keys-used-through-services",
  reason: "A key that is for a service's data need not open anything else.",
  source: "AWS FSBP KMS.1, KMS.2",
  check: (stack) =>
    broken(
      statementsOf(stack, "identity"),
      (statement) =>
        listed(statement.Action).some((action) => action.startsWith("kms:")) &&
        !conditionsOf(statement).has("kms:viaservice") &&
        "uses a key directly: hold it to kms:ViaService",
    ),
};

export const servicesActForThisAccount: Rule = {
  name: "services-act-for-this-account",
  reason:
    "A service that acts for other customers too must not take the role on their behalf (confused deputy).",
  source: "IAM user guide, Cross-service confused deputy prevention; Well-Architected SEC03-BP08",
  check: (stack) =>
    broken(statementsOf(stack, "trust"), (statement) => {
      const { Principal } = statement;
      const services = typeof Principal === "object" ? listed(Principal.Service) : [];
      const held = services.filter((service) => !Object.hasOwn(withoutSource, service));
      const conditions = conditionsOf(statement);
      return (
        held.length > 0 &&
        !(conditions.has("aws:sourceaccount") && conditions.has("aws:sourcearn")) &&
        `trusts ${held.join(", ")} for any account: hold it to aws:SourceAccount and aws:SourceArn`
      );
    }),
};

export const noPublicPrincipals: Rule = {
  name: "no-public-principals",
  reason: "A policy for everyone is for everyone on the internet.",
  source: "AWS FSBP S3.2, S3.3, SNS.4, KMS.5",
  check: (stack) =>
    (["trust", "resource"] as const).flatMap((sort) =>
      broken(
        statementsOf(stack, sort).filter(
          // An endpoint's policy narrows what its network may ask; it grants nothing by itself.
          ({ resource }) => resource.type !== "aws:ec2/vpcEndpoint:VpcEndpoint",
        ),
        ({ Principal }) => {
          const principals = typeof Principal === "string" ? [Principal] : listed(Principal?.AWS);
          return principals.includes("*") && "grants to everyone: name who";
        },
      ),
    ),
};

export const accessRules: readonly Rule[] = [
  noWildcardActions,
  noWildcardResources,
  passedRolesNamed,
  keysUsedThroughServices,
  servicesActForThisAccount,
  noPublicPrincipals,
];
