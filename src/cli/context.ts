import type { Resolve } from "../runtime/endpoint-guard.ts";
import type { Clock } from "../runtime/http-clock.ts";
import type { ExitCode } from "./exit-code.ts";
import type { Terminal } from "./terminal/terminal.ts";

/** Time, chance and host names, as arguments so that tests decide them. */
export interface Outside {
  readonly clock: Clock;
  readonly resolve: Resolve;
}

/** What a command is given besides its flags. */
export interface CommandContext {
  readonly terminal: Terminal;
  /** Drop's own. */
  readonly version: string;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** The machine's own without it. */
  readonly outside?: Outside;
  /** Says which exit code the command ends with; 0 without. */
  readonly finish: (code: ExitCode) => void;
}
