/**
 * The processes of one run: each in its own group, with its own log; none outlives the run, however it ends.
 *
 * Defaults: 60 s to become healthy, 10 s to stop after SIGTERM, memory sampled every 2 s, and with it whether the npm that
 * started this run still lives: a kill of npm alone would leave the run behind.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync } from "node:fs";
import { mkdir, open, readFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { addToList, closeList, openList, signalGroup, stopLeftovers } from "./leftovers";
import { family, launchersOf, memoryKiB, processTable, type ProcessEntry } from "./table";
import { startWatcher, type Watcher } from "./watcher";

/** What to start. */
export interface ProcessOptions {
  /** Short name, e.g. `kafka`: its log is `logs/<name>.log`. One name may run once at a time. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Laid over the environment of this process; undefined takes a variable away. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Working directory. Default: the run's. */
  readonly directory?: string;
}

/** A process that goes on until it is stopped. */
export interface ServiceOptions extends ProcessOptions {
  /** Whether it is ready to serve; asked every 100 ms, and a rejection counts as no. */
  readonly healthy: () => Promise<boolean>;
  /** Seconds until it must be healthy. Default 60. */
  readonly healthyWithinSeconds?: number;
  /** Seconds from SIGTERM to SIGKILL. Default 10. */
  readonly stopWithinSeconds?: number;
}

/** A running service. */
export interface Service {
  readonly name: string;
  /** Its pid, and its group's. */
  readonly pid: number;
  /** Absolute path of what it printed. */
  readonly log: string;
  /** Stops it and its whole group; its end is no failure then. */
  stop(): Promise<void>;
}

interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

interface Spawned {
  readonly pid: number;
  readonly ended: Promise<Ending>;
  readonly lives: () => boolean;
}

interface Running extends Service {
  readonly stopWithinSeconds: number;
  stopping: boolean;
}

const logTailLines = 20;
/** From SIGTERM to SIGKILL, unless told. */
const stopWithinSeconds = 10;
const healthAttemptMilliseconds = 5_000;
const sampleMilliseconds = 2_000;

export class Processes {
  /** In the order of their start. */
  private readonly running: Running[] = [];
  /** All groups that were started and not yet seen to end, the services' among them. */
  private readonly groups = new Set<number>();
  private stopping = false;
  private readonly watcher: Watcher;
  private readonly sampler: NodeJS.Timeout;
  private readonly failed: Promise<never>;
  private reject: (reason: Error) => void = () => undefined;
  private sampling: Promise<void> | undefined;
  private peakKiB = 0;

  private constructor(
    private readonly directory: string,
    /** Whose end ends this run. */
    private readonly launchers: readonly ProcessEntry[],
  ) {
    this.watcher = startWatcher();
    this.failed = new Promise((_, reject) => {
      this.reject = reject;
    });
    this.failed.catch(() => undefined); // a failure that nobody waits for yet is told by the next guard()
    this.sampler = setInterval(() => {
      this.sampling ??= this.sample().finally(() => {
        this.sampling = undefined;
      });
    }, sampleMilliseconds);
    this.sampler.unref();
  }

  /**
   * Takes over a run's folder, first stopping what an earlier, killed run in it left behind.
   *
   * @throws if another run is going on in it.
   */
  static async open(directory: string): Promise<Processes> {
    await stopLeftovers(directory);
    await mkdir(path.join(directory, "logs"), { recursive: true });
    await openList(directory);
    return new Processes(directory, launchersOf(await processTable(), process.pid));
  }

  /** Absolute path of the log of the process of that name. */
  log(name: string): string {
    return path.join(this.directory, "logs", `${name}.log`);
  }

  /**
   * Starts a service and waits until it is healthy.
   *
   * @throws if it ends, or is not healthy in time; the message has the end of its log. It is stopped then. If all is being
   *   stopped.
   */
  async start(options: ServiceOptions): Promise<Service> {
    const { name, healthy, healthyWithinSeconds = 60 } = options;
    if (this.running.some((other) => other.name === name))
      throw new Error(`a process named ${name} is running already`);
    const child = await this.spawn(options);
    const service: Running = {
      name,
      pid: child.pid,
      log: this.log(name),
      stopWithinSeconds: options.stopWithinSeconds ?? stopWithinSeconds,
      stopping: false,
      stop: () => this.stopOne(service),
    };
    this.running.push(service);
    const bound = Date.now() + healthyWithinSeconds * 1_000;
    while (!(await attempt(healthy))) {
      const late = Date.now() > bound;
      if (!late && child.lives()) {
        await sleep(100);
        continue;
      }
      const fault = late
        ? `is not healthy after ${healthyWithinSeconds} s`
        : "ended before it was healthy";
      await service.stop();
      throw new Error(`${name} ${fault}; the end of ${service.log}:\n${await tail(service.log)}`);
    }
    void child.ended.then(({ code, signal }) => {
      if (service.stopping) return;
      const how = signal ? `was ended by ${signal}` : `ended with code ${code}`;
      this.reject(new Error(`${name} ${how}; its log: ${service.log}`));
    });
    return service;
  }

  /**
   * Runs a process to its end.
   *
   * @returns what it wrote to standard output; its log has that and standard error.
   * @throws if it fails, or takes longer than `withinSeconds` (default 120); the message has the end of its log. If all is
   *   being stopped.
   */
  async run(options: ProcessOptions & { readonly withinSeconds?: number }): Promise<string> {
    const { name, withinSeconds = 120 } = options;
    const output: Buffer[] = [];
    const child = await this.spawn(options, (chunk) => {
      output.push(chunk);
      appendFileSync(this.log(name), chunk); // at once, so that its end is there when it is told
    });
    const late = AbortSignal.timeout(withinSeconds * 1_000);
    const kill = () => {
      signalGroup(child.pid, "SIGKILL");
    };
    late.addEventListener("abort", kill);
    const { code, signal } = await child.ended;
    late.removeEventListener("abort", kill); // its number may soon be another group's
    this.forget(child.pid);
    if (code !== 0) {
      const fault = late.aborted
        ? `took longer than ${withinSeconds} s`
        : signal
          ? `was ended by ${signal}`
          : `ended with code ${code}`;
      throw new Error(
        `${name} ${fault}; the end of ${this.log(name)}:\n${await tail(this.log(name))}`,
      );
    }
    return Buffer.concat(output).toString("utf8");
  }

  /** The result of `work`, unless a service or npm ends first, or `signal` aborts: then it rejects with that. */
  guard<T>(work: Promise<T>, signal?: AbortSignal): Promise<T> {
    const abort = () => {
      this.reject(signal?.reason as Error);
    };
    if (signal?.aborted) abort();
    signal?.addEventListener("abort", abort);
    return Promise.race([this.failed, work]).finally(() => {
      signal?.removeEventListener("abort", abort);
    });
  }

  /** The most memory that this process and all that it started took together at one time, in MiB. */
  async peakMemoryMiB(): Promise<number> {
    await this.sampling;
    await this.sample();
    return Math.ceil(this.peakKiB / 1_024);
  }

  /** Stops all services, the last started first; others may be started after it. */
  async stopServices(): Promise<void> {
    for (const service of [...this.running].reverse()) await service.stop();
  }

  /** Stops everything, the services last, and ends the run: from its call on nothing more is started. */
  async stop(): Promise<void> {
    this.stopping = true;
    clearInterval(this.sampler);
    await this.sampling;
    const services = new Set(this.running.map((service) => service.pid));
    const others = [...this.groups].filter((group) => !services.has(group));
    await Promise.all(others.map((group) => this.end(group, stopWithinSeconds)));
    await this.stopServices();
    this.watcher.close();
    await closeList(this.directory);
  }

  private async spawn(
    options: ProcessOptions,
    onOutput?: (chunk: Buffer) => void,
  ): Promise<Spawned> {
    const log = await open(this.log(options.name), "a");
    try {
      if (this.stopping) throw new Error("everything is being stopped");
      const child = spawn(options.command, options.args, {
        cwd: options.directory ?? this.directory,
        env: { ...process.env, ...pastProxy(process.env), ...options.environment },
        detached: true,
        stdio: ["ignore", onOutput ? "pipe" : log.fd, log.fd],
      });
      if (child.pid === undefined) {
        const [error] = (await once(child, "error")) as [Error];
        throw error;
      }
      this.groups.add(child.pid);
      this.watcher.add(child.pid); // before anything is waited for: this process may be killed at any moment
      if (onOutput) child.stdout?.on("data", onOutput);
      const ended = new Promise<Ending>((resolve) => {
        child.once("close", (code, signal) => {
          resolve({ code, signal });
        });
      });
      await addToList(this.directory, child.pid);
      return { pid: child.pid, ended, lives: () => child.exitCode === null && !child.signalCode };
    } catch (error) {
      throw new Error(`${options.name} cannot be started: ${(error as Error).message}`);
    } finally {
      await log.close();
    }
  }

  private async stopOne(service: Running): Promise<void> {
    service.stopping = true;
    await this.end(service.pid, service.stopWithinSeconds);
    const index = this.running.indexOf(service);
    if (index >= 0) this.running.splice(index, 1);
  }

  /** Ends a group: by SIGKILL what is left of it after that many seconds. */
  private async end(group: number, withinSeconds: number): Promise<void> {
    signalGroup(group, "SIGTERM");
    const bound = Date.now() + withinSeconds * 1_000;
    while (await groupLives(group)) {
      if (Date.now() > bound) signalGroup(group, "SIGKILL");
      await sleep(50);
    }
    this.forget(group);
  }

  private forget(group: number): void {
    if (this.groups.delete(group)) this.watcher.remove(group);
  }

  /** Looks at all processes: how much memory ours take, and whether npm is still there that was to start this one. */
  private async sample(): Promise<void> {
    const table = await processTable();
    const started = new Map(table.map((entry) => [entry.pid, entry.started]));
    const gone = this.launchers.find((launcher) => started.get(launcher.pid) !== launcher.started);
    if (gone) this.reject(new Error(`${gone.name}, which started this run, was killed`));
    const groups = new Set(this.running.map((service) => service.pid));
    const members = family(table, process.pid, groups);
    const sizes = await Promise.all(members.map(memoryKiB));
    this.peakKiB = Math.max(
      this.peakKiB,
      sizes.reduce((sum, size) => sum + size, 0),
    );
  }
}

/** What keeps a process from reaching the others by the user's proxy, which knows nothing of this machine's. */
function pastProxy({ NO_PROXY: upper, no_proxy: lower }: NodeJS.ProcessEnv) {
  const withOurs = (hosts: string | undefined) =>
    hosts === "*" ? hosts : [...(hosts ? [hosts] : []), "127.0.0.1,localhost"].join(",");
  return { NO_PROXY: withOurs(upper ?? lower), no_proxy: withOurs(lower ?? upper) };
}

async function groupLives(group: number): Promise<boolean> {
  return (await processTable()).some((entry) => entry.group === group);
}

async function attempt(healthy: () => Promise<boolean>): Promise<boolean> {
  const late = sleep(healthAttemptMilliseconds, false, { ref: false });
  try {
    return await Promise.race([healthy(), late]);
  } catch {
    return false;
  }
}

async function tail(file: string): Promise<string> {
  const lines = (await readFile(file, "utf8")).trimEnd().split("\n");
  return lines.slice(-logTailLines).join("\n");
}
