/** Commands on a host over SSH: scripts kept as files, with their parameters written into them. */
import { readFileSync } from "node:fs";
import type * as aws from "@pulumi/aws";
import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

/** A host that other components may run commands on. */
export interface RemoteHost {
  readonly connection: command.types.input.remote.ConnectionArgs;
  /** Its stable public address. */
  readonly address: pulumi.Output<string>;
  readonly instance: aws.ec2.Instance;
  /** Done once the host has finished its first boot: every command waits for it. */
  readonly ready: command.remote.Command;
  /** Name of the role that programs on the host act with. */
  readonly roleName: pulumi.Output<string>;
}

export interface RemoteScriptArgs {
  /** Absolute path of the script. */
  script: string;
  /** Its parameters. Never a secret: a command's text is seen by everyone on the host, and in the stack's state. */
  variables: Record<string, pulumi.Input<string | number>>;
  /** What it runs again for when it changes, although the script does not read it: a comment in its text. Default none. */
  runsAgainFor?: pulumi.Input<string>;
  connection: command.types.input.remote.ConnectionArgs;
  instance: aws.ec2.Instance;
}

/** A text as one word of the shell, whatever it holds. */
export function shellWord(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/**
 * A script with its parameters assigned after its first line, which names its shell. They are part of the text because SSH
 * servers refuse variables from clients, and because a changed parameter is then a changed command, which runs again.
 */
export function scriptText(
  script: string,
  variables: Record<string, pulumi.Input<string | number>>,
  comment?: pulumi.Input<string>,
): pulumi.Output<string> {
  const [shell = "", ...lines] = readFileSync(script, "utf8").split("\n");
  return pulumi.all([variables, comment]).apply(([values, told]) => {
    const assignments = Object.entries(values).map(
      ([name, value]) => `${name}=${shellWord(String(value))}`,
    );
    const comments = told === undefined ? [] : [`# ${told}`];
    return [shell, ...comments, ...assignments, ...lines].join("\n");
  });
}

/**
 * Runs a script on a host; again, in place, when its text or parameters change. What a script did is not undone when the
 * command goes: it goes with its host.
 */
export function remoteScript(
  name: string,
  args: RemoteScriptArgs,
  opts: pulumi.CustomResourceOptions,
): command.remote.Command {
  const text = scriptText(args.script, args.variables, args.runsAgainFor);
  return new command.remote.Command(
    name,
    {
      connection: args.connection,
      create: text,
      update: text,
      addPreviousOutputInEnv: false,
      logging: command.remote.Logging.Stderr,
    },
    pulumi.mergeOptions(
      {
        deletedWith: args.instance,
        customTimeouts: { create: "30m", update: "30m" },
      },
      opts,
    ),
  );
}
