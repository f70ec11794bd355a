/** Whose stack it is: what its names are made of. */
import { matching } from "./forms";
import { rulesOver, type Checked } from "./rules";

export const identityKeys = {
  /** In the names of topics, streams and tables, all of which take lower-case letters and digits. */
  userId: matching(/^[a-z0-9]{3,20}$/, "3 to 20 lower-case letters and digits"),
};

/** MWAA's longest name of an environment, the shortest limit of all the names that hold the stack's (MWAA: Environment). */
const longestName = 80;

const rule = rulesOver<Checked<typeof identityKeys>>();

export const identityRules = [
  rule(["userId"], ({ userId }, { stack }) => {
    const name = `pinterest-${userId}-${stack}`;
    return (
      name.length > longestName &&
      `userId: with it and the stack's name, names such as ${name} have ${name.length} characters, and AWS takes ${longestName}: shorten the stack's name by ${name.length - longestName}`
    );
  }),
  // Of what Pulumi takes in a stack's name, AWS takes no full stop (MWAA's environments, CloudWatch's dashboards).
  rule(
    [],
    (_, { stack }) =>
      !/^[\w-]+$/.test(stack) &&
      `the stack's name, ${stack}: must be letters, digits, hyphens and underscores, for the names in AWS that hold it`,
  ),
];
