/** IAM policy documents in a stack. */
import { unknown, type Resource, type Stack } from "./graph";

export interface Statement {
  readonly Sid?: string;
  readonly Effect: "Allow" | "Deny";
  readonly Principal?: string | Readonly<Record<string, string | readonly string[]>>;
  readonly Action?: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** A statement, with the resource and the property that it stands in. */
export interface PlacedStatement {
  readonly resource: Resource;
  readonly statement: Statement;
}

/** Properties that hold a policy document, by who it is for: a principal, a role's takers, or a resource's users. */
const documents = {
  identity: {
    "aws:iam/policy:Policy": "policy",
    "aws:iam/rolePolicy:RolePolicy": "policy",
    "aws:iam/userPolicy:UserPolicy": "policy",
  },
  trust: { "aws:iam/role:Role": "assumeRolePolicy" },
  resource: {
    "aws:kms/key:Key": "policy",
    "aws:s3/bucketPolicy:BucketPolicy": "policy",
    "aws:sns/topicPolicy:TopicPolicy": "policy",
    "aws:ec2/vpcEndpoint:VpcEndpoint": "policy",
  },
} as const;

/** The statements of all documents of one sort; documents that are not known yet have none. */
export function statementsOf(stack: Stack, sort: keyof typeof documents): PlacedStatement[] {
  const properties: Readonly<Record<string, string>> = documents[sort];
  return stack.resources.flatMap((resource) => {
    const text = resource.inputs[properties[resource.type] ?? ""];
    if (typeof text !== "string" || text.includes(unknown)) return [];
    const { Statement } = JSON.parse(text) as { Statement: Statement | Statement[] };
    return [Statement].flat().map((statement) => ({ resource, statement }));
  });
}

/** A document's value that may stand alone or in a list. */
export function listed<T>(value: T | readonly T[] | undefined): readonly T[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? (value as readonly T[]) : [value as T];
}

/** The condition keys of a statement, in lower case, with the values that they are held to. */
export function conditionsOf({ Condition = {} }: Statement): ReadonlyMap<string, unknown> {
  return new Map(
    Object.values(Condition).flatMap((keys) =>
      Object.entries(keys).map(([key, value]) => [key.toLowerCase(), value]),
    ),
  );
}

/** How a message names a statement. */
export function titleOf({ Sid }: Statement): string {
  return Sid === undefined ? "a statement" : `the statement ${Sid}`;
}
