import type { Readable, Writable } from "node:stream";
import { styleText } from "node:util";

type Style = Parameters<typeof styleText>[0];

/** Where a command reads and writes, so that tests and commands never touch the process itself. */
export interface Terminal {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The working directory, absolute. */
  readonly folder: string;
}

/** A stream that text is written to. */
export interface Output {
  /** Whether a person looks at it, who is shown progress and pictures of the source. */
  readonly isTerminal: boolean;
  /** How wide it is at this moment. */
  readonly columns: number;
  /** How high it is, where that is known. */
  readonly rows?: number;
  readonly write: (text: string) => Promise<void>;
  /** The text in a style where the stream shows colours, else the text itself. */
  readonly paint: (style: Style, text: string) => string;
}

/** What is asked of a stream: Node's own for a terminal know their size. */
type Stream = Writable & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
};

const USUAL_COLUMNS = 80;
const USUAL_ROWS = 24;

/**
 * The output for a stream. Colours go to terminals that know them; FORCE_COLOR asks for them anywhere, NO_COLOR
 * forbids them everywhere. In CI a terminal, where there is one, is a log: it gets plain lines and no progress.
 */
export function outputTo(stream: Stream, env: Terminal["env"]): Output {
  const isTerminal = stream.isTTY === true && !isSet(env["CI"]) && env["TERM"] !== "dumb";
  const forced = env["FORCE_COLOR"];
  const wanted = forced === undefined || forced === "" ? isTerminal : isSet(forced);
  const colours = wanted && !env["NO_COLOR"];
  return {
    isTerminal,
    // A terminal that does not know its size, as in some containers, says 0.
    get columns() {
      return stream.columns || USUAL_COLUMNS;
    },
    get rows() {
      return stream.rows || USUAL_ROWS;
    },
    write: (text) => writeAll(stream, text),
    paint: (style, text) => (colours ? styleText(style, text, { validateStream: false }) : text),
  };
}

/** Whether a variable is switched on: `0` and `false` say no, as people write them. */
function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== "" && value !== "0" && value !== "false";
}

/** An output that took no more, such as a full disk. `fix` is an instruction. */
export class OutputError extends Error {
  override readonly name = "OutputError";
  readonly fix = "make room, or send the output elsewhere";
}

/** Resolves once the stream has taken the text; a reader that went away, as `head` does, is no error. */
function writeAll(stream: Writable, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(text, (error) => {
      if (error === null || error === undefined || isBrokenPipe(error)) resolve();
      else reject(new OutputError(`the output cannot be written: ${error.message}`));
    });
  });
}

/** Whether an error says that nobody reads any more. */
export function isBrokenPipe(error: unknown): boolean {
  if (!(error instanceof Error) || !("code" in error)) return false;
  return error.code === "EPIPE" || error.code === "ERR_STREAM_DESTROYED";
}
