/**
 * Reads a stack's configuration from the project's files as the Pulumi CLI does: the defaults of `Pulumi.yaml`, and over
 * them `Pulumi.<stack>.yaml`. Values become the text that the CLI hands to a program.
 */
import * as fs from "node:fs";
import * as path from "node:path";
import { RunError } from "@pulumi/pulumi";
import { parse } from "yaml";
import { z } from "zod";

export const projectDirectory = path.join(__dirname, "..");

const projectFile = z.object({
  name: z.string(),
  config: z.record(
    z.string(),
    z.looseObject({
      type: z.enum(["string", "integer", "boolean", "array"]).optional(),
      description: z.string(),
      default: z.unknown().optional(),
      secret: z.boolean().optional(),
    }),
  ),
});

const stackFile = z.object({
  config: z.record(z.string(), z.unknown()).default({}),
});

/** A stack's configuration as a program gets it. */
export interface StackConfig {
  readonly project: string;
  /** Keys with their namespace; lists as JSON. */
  readonly config: Readonly<Record<string, string>>;
  readonly secretKeys: readonly string[];
}

/** The project file, checked. */
export function readProject(): z.output<typeof projectFile> {
  return projectFile.parse(
    parse(fs.readFileSync(path.join(projectDirectory, "Pulumi.yaml"), "utf8")),
  );
}

/**
 * @param stack the stack's name; `Pulumi.<stack>.yaml` must be there.
 * @throws if there is no such file.
 */
export function readStackConfig(stack: string): StackConfig {
  const project = readProject();
  const file = path.join(projectDirectory, `Pulumi.${stack}.yaml`);
  if (!fs.existsSync(file)) {
    const stacks = fs
      .readdirSync(projectDirectory)
      .flatMap((name) => /^Pulumi\.(.+)\.yaml$/.exec(name)?.[1] ?? []);
    throw new RunError(
      `there is no stack ${stack}: no file Pulumi.${stack}.yaml; stacks: ${stacks.join(", ")}`,
    );
  }
  const config: Record<string, string> = {};
  const secretKeys: string[] = [];
  for (const [key, { default: value, secret }] of Object.entries(project.config)) {
    if (value !== undefined) config[`${project.name}:${key}`] = asText(value);
    if (secret) secretKeys.push(`${project.name}:${key}`);
  }
  for (const [key, value] of Object.entries(
    stackFile.parse(parse(fs.readFileSync(file, "utf8"))).config,
  )) {
    const encrypted = z.object({ secure: z.string() }).safeParse(value).success;
    if (encrypted) secretKeys.push(key);
    // An encrypted value can be read by the CLI alone: something stands for it.
    config[key] = encrypted ? "encrypted" : asText(value);
  }
  return { project: project.name, config, secretKeys };
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
