import type { Readable, Writable } from "node:stream";
import { styleText } from "node:util";

type Style = Parameters<typeof styleText>[0];

/** Where a command reads and writes, so that tests and commands never touch the process itself. */
export interface Terminal {
  readonly stdin: Readable;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A stream that text is written to. */
export interface Output {
  readonly isTerminal: boolean;
  readonly write: (text: string) => Promise<void>;
  /** The text in a style where the stream shows colours, else the text itself. */
  readonly paint: (style: Style, text: string) => string;
}

/** The output for a stream. Colours go to terminals, unless NO_COLOR or CI is set; FORCE_COLOR asks for them anywhere. */
export function outputTo(
  stream: Writable & { readonly isTTY?: boolean },
  env: Terminal["env"],
): Output {
  const isTerminal = stream.isTTY === true && !env["CI"] && env["TERM"] !== "dumb";
  const colours = env["NO_COLOR"] ? false : isTerminal || Boolean(env["FORCE_COLOR"]);
  return {
    isTerminal,
    write: (text) => writeAll(stream, text),
    paint: (style, text) => (colours ? styleText(style, text, { validateStream: false }) : text),
  };
}

/** Resolves once the stream has taken the text; a reader that went away, as `head` does, is no error. */
function writeAll(stream: Writable, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(text, (error) => {
      if (error === null || error === undefined || isBrokenPipe(error)) resolve();
      else reject(error);
    });
  });
}

/** Whether an error says that nobody reads any more. */
export function isBrokenPipe(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EPIPE";
}
