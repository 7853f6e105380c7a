import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { atExit } from "../../test/support/at-exit.ts";
import { ask } from "../../test/support/http.ts";
import { until } from "../../test/support/until.ts";
import type { Contestant, Place } from "./contestants.ts";

/** A running webhook under measurement. */
export interface Serving {
  readonly name: string;
  readonly place: Place;
  /** From the process' start to its first 200 at /readyz, milliseconds. */
  readonly readyMs: number;
  /** The resident set now, and at most so far, MiB. */
  memory(): { readonly nowMiB: number; readonly peakMiB: number };
  /** Processor time so far, seconds. */
  processorSeconds(): number;
  end(): Promise<void>;
}

/** The core that a webhook has to itself, and those of whoever loads it, as `taskset` writes them. */
export const CORES =
  cpus().length > 1 ? { server: "0", client: `1-${cpus().length - 1}` } : undefined;

/** Starts a webhook and waits until it is ready; with `isPinned` it gets one core, and its peers' load the others. */
export async function start(
  { name, command }: Contestant,
  { place, isPinned }: { readonly place: Place; readonly isPinned: boolean },
): Promise<Serving> {
  const [program, ...args] = command(place);
  const began = performance.now();
  const child = spawn(...onCore(isPinned ? CORES?.server : undefined, [program, ...args]));
  let said = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-2_000);
  });
  const forget = atExit(() => child.kill("SIGKILL"));
  await ready(child, place, () => said);
  const readyMs = performance.now() - began;
  const pid = child.pid ?? -1;
  return {
    ...{ name, place, readyMs },
    memory: () => ({ nowMiB: statusOf(pid, "VmRSS"), peakMiB: statusOf(pid, "VmHWM") }),
    processorSeconds: () => processorSeconds(pid),
    async end() {
      child.kill("SIGKILL");
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
      forget();
    },
  };
}

type Spawned = [string, string[], { stdio: ["ignore", "ignore", "pipe"]; env: NodeJS.ProcessEnv }];

function onCore(core: string | undefined, command: readonly [string, ...string[]]): Spawned {
  const [program, ...args] = core === undefined ? command : pinned(core, command);
  // In a Pod the file system is read-only: Node finds nowhere to keep compiled code.
  const env = { ...process.env, NODE_DISABLE_COMPILE_CACHE: "1" };
  return [program, args, { stdio: ["ignore", "ignore", "pipe"], env }];
}

/** A command that runs on some cores only. */
export function pinned(
  cores: string,
  command: readonly [string, ...string[]],
): readonly [string, ...string[]] {
  return ["taskset", "--cpu-list", cores, ...command];
}

async function ready(
  child: ChildProcess,
  { healthPort }: Place,
  said: () => string,
): Promise<void> {
  const url = `http://127.0.0.1:${healthPort}/readyz`;
  const isReady = () =>
    ask(url).then(
      ({ status }) => status === 200,
      () => false,
    );
  const end = performance.now() + READY_WITHIN_MS;
  while (!(await isReady())) {
    if (child.exitCode !== null || performance.now() > end) throw new Error(`not ready: ${said()}`);
    await pause(2);
  }
}

const READY_WITHIN_MS = 30_000;

function statusOf(pid: number, field: string): number {
  const line = new RegExp(`^${field}:\\s+([0-9]+) kB$`, "m");
  return Number(line.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
}

const TICKS_PER_SECOND = 100;

/** User and system time: the 14th and 15th fields of /proc/PID/stat, of which the second may hold blanks. */
function processorSeconds(pid: number): number {
  const [, rest = ""] = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ");
  const [user, system] = rest.split(" ").slice(11, 13).map(Number);
  return ((user ?? 0) + (system ?? 0)) / TICKS_PER_SECOND;
}

/** Two ports of loopback that nobody has now. */
export async function freePorts(): Promise<readonly [number, number]> {
  const { createServer } = await import("node:net");
  const servers = [createServer(), createServer()];
  for (const server of servers) await once(server.listen(0, "127.0.0.1"), "listening");
  const [port, healthPort] = servers.map((server) => {
    const address = server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  });
  for (const server of servers) server.close();
  await until(() => servers.every((server) => !server.listening), { what: "free ports" });
  return [port ?? 0, healthPort ?? 0];
}
