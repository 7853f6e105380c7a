import { type ChildProcess, spawn } from "node:child_process";
import { type SourceError, unusable } from "../source-error.ts";
import { helperLogin, parseConfig } from "./docker-auths.ts";
import type { Login } from "./login.ts";

/** Which helper is asked for which server, and the environment that it gets. */
export interface HelperCall {
  /** The part of its name behind `docker-credential-`. */
  readonly helper: string;
  /** As Docker names it to helpers. */
  readonly server: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly deadline: AbortSignal;
}

/** Nothing else may become the name of a program: no path, no option. */
const HELPER_NAME = /^[a-z0-9][a-z0-9._-]*$/;
const MAX_OUTPUT_BYTES = 64 * 1024;

/** What the helpers of the docker-credential-helpers project print, on standard output, when they know no login. */
const NOT_FOUND = /credentials not found|no credentials server URL|no credentials username/i;

/**
 * Asks a credential helper (`docker-credential-<helper> get`) for a login, undefined when it has none. What it prints is
 * never part of an error.
 */
export async function askHelper(call: HelperCall): Promise<Login | undefined> {
  const { helper, signal } = call;
  if (!HELPER_NAME.test(helper)) {
    throw failed("Docker's configuration names a credential helper that cannot be one");
  }
  signal.throwIfAborted();
  const { code, output } = await run(call);
  if (code === 0) {
    const login = helperLogin(parseConfig(output));
    if (login !== undefined) return login;
    throw failed(`${program(helper)} answered without a login`);
  }
  if (NOT_FOUND.test(output)) return undefined;
  throw failed(`${program(helper)} failed with exit code ${code ?? "none"}`);
}

interface Finished {
  readonly code: number | null;
  readonly output: string;
}

function run({ helper, server, environment, signal, deadline }: HelperCall): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(program(helper), ["get"], {
      env: environment,
      stdio: ["pipe", "pipe", "ignore"],
      windowsHide: true,
    });
    const output = collect(child, () => giveUp(failed(`${program(helper)} printed too much`)));
    function giveUp(reason: unknown): void {
      child.kill("SIGKILL");
      // A program that it started may hold the pipe open for longer.
      child.stdout?.destroy();
      settle(() => reject(reason));
    }
    function settle(end: () => void): void {
      signal.removeEventListener("abort", onAbort);
      deadline.removeEventListener("abort", onDeadline);
      end();
    }
    const onAbort = () => giveUp(signal.reason);
    const onDeadline = () => giveUp(failed(`${program(helper)} did not answer in time`));
    signal.addEventListener("abort", onAbort, { once: true });
    deadline.addEventListener("abort", onDeadline, { once: true });
    child.on("error", (error) => settle(() => reject(notStarted(helper, error))));
    child.on("close", (code) => settle(() => resolve({ code, output: output() })));
    // One that ends without reading is judged by its exit code.
    child.stdin?.on("error", () => undefined).end(server);
  });
}

function collect(child: ChildProcess, onExcess: () => void): () => string {
  const chunks: Buffer[] = [];
  let bytes = 0;
  child.stdout?.on("data", (chunk: Buffer) => {
    bytes += chunk.byteLength;
    if (bytes > MAX_OUTPUT_BYTES) onExcess();
    else chunks.push(chunk);
  });
  return () => Buffer.concat(chunks).toString("utf8");
}

function program(helper: string): string {
  return `docker-credential-${helper}`;
}

function notStarted(helper: string, error: Error): SourceError {
  const isMissing = "code" in error && error.code === "ENOENT";
  const why = isMissing ? "is not on the PATH" : "could not be started";
  return unusable(
    `${program(helper)}, which Docker's configuration names, ${why}`,
    "install it, log in without it, or leave Docker's logins out with --no-docker-config",
  );
}

function failed(message: string): SourceError {
  return unusable(
    message,
    "try it by hand, log in again, or leave Docker's logins out with --no-docker-config",
  );
}
