import { type Logger as PinoLogger, pino, stdTimeFunctions } from "pino";
import type { LogLevel } from "./log-level.ts";

/** Writes one JSON object a line: fields first, then a message that is always the same for the same fact. */
export type Logger = Pick<PinoLogger, "error" | "warn" | "info" | "debug">;

/** Where lines go and which are left out. */
export interface LoggerOptions {
  readonly level: LogLevel;
  /** Named in every line, for example `webhook`. */
  readonly part: string;
  readonly write: (line: string) => void;
}

/** A log as JSON lines with ISO times. Secrets are `SecretValue`s, which show themselves to no log. */
export function createLogger({ level, part, write }: LoggerOptions): Logger {
  return pino(
    {
      level,
      base: { part },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: pino.stdSerializers.err },
    },
    { write },
  );
}
