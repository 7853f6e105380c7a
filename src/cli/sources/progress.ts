import { printable } from "../../api/printable.ts";
import type { SourceProgress } from "../../discovery/source-context.ts";
import { cutToWidth } from "../terminal/display-width.ts";
import type { Output } from "../terminal/terminal.ts";

/** A line on a terminal that says what long work is at; nothing on a pipe. */
export interface Progress {
  readonly onProgress: (progress: SourceProgress) => void;
  /** Removes the line, before anything else is printed. */
  readonly end: () => Promise<void>;
}

const ERASE_LINE = "\r\u001b[2K";
const SHOWN_EVERY_MS = 100;

/** Shows how far sources have been read, at most ten times a second. `now` is in milliseconds. */
export function showProgress(output: Output, now: () => number): Progress {
  const shown = { at: Number.NEGATIVE_INFINITY, any: false };
  return {
    onProgress(progress) {
      if (!output.isTerminal || now() - shown.at < SHOWN_EVERY_MS) return;
      shown.at = now();
      shown.any = true;
      // A line that wraps could not be erased again.
      const line = cutToWidth(progressText(progress), output.columns - 1);
      void output.write(`${ERASE_LINE}${output.paint("dim", line)}`);
    },
    async end() {
      if (shown.any) await output.write(ERASE_LINE);
      shown.any = false;
    },
  };
}

function progressText({ source, part, pages, tags }: SourceProgress): string {
  const what = printable(part === "" ? source : `${source} ${part}`, 60);
  return `asking ${what}: ${tags} so far${pages > 1 ? ` on ${pages} pages` : ""}`;
}
