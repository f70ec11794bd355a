/**
 * The counterpart of AWS's own services: MiniStack, with S3, Kinesis, Secrets Manager and IAM, all in memory.
 *
 * Its other services stay off: a call of one costs it 400 MB, and some listen on every address.
 */
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { request } from "undici";
import { region } from "../../components/mocks/identity";
import type { Machine, Services } from "../machine";
import { freePort } from "../ports";

/** What MiniStack takes for the account's own keys, whatever is asked. */
const credentials = { accessKeyId: "local", secretAccessKey: "local-secret" };

const started = new WeakMap<object, Promise<Services["aws"]>>();

/** The machine's AWS services, started when they are asked for first. */
export function awsOf(
  machine: Pick<Machine, "directory" | "toolchain" | "processes" | "services">,
) {
  // The clients' advice for a later Node, on every run: their versions are pinned here to ones that take this one.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
  const running = started.get(machine) ?? startAws(machine);
  started.set(machine, running);
  return running;
}

/** Starts MiniStack and tells the machine of it. */
export async function startAws({
  directory,
  toolchain,
  processes,
  services,
}: Pick<Machine, "directory" | "toolchain" | "processes" | "services">): Promise<Services["aws"]> {
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const scratch = path.join(directory, "ministack");
  await mkdir(scratch, { recursive: true });
  await processes.start({
    name: "ministack",
    command: toolchain.python,
    args: ["-m", "ministack"],
    environment: {
      BIND_HOST: "127.0.0.1",
      GATEWAY_PORT: String(port),
      SERVICES: "s3,secretsmanager,iam,sts,kinesis",
      MINISTACK_REGION: region,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      LOG_LEVEL: "WARNING",
      TMPDIR: scratch,
      PERSIST_STATE: "0",
      S3_PERSIST: "0",
      // Both would listen on every address.
      IOT_MTLS_ENABLED: "0",
      SFTP_ENABLED: "0",
    },
    healthy: async () => {
      const { statusCode, body } = await request(`${endpoint}/_ministack/health`);
      await body.dump();
      return statusCode === 200;
    },
  });
  services.aws = { endpoint, ...credentials, region };
  return services.aws;
}
