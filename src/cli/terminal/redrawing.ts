import { stripVTControlCharacters } from "node:util";
import { displayWidth } from "./display-width.ts";
import type { Output } from "./terminal.ts";

const ESCAPE = "\u001b";

/** A text that is shown again and again. */
export interface Drawing {
  /**
   * Shows a text in place of the one before where that is still on the screen as a whole; else, and where nobody looks,
   * below it after an empty line, so that nothing is lost.
   */
  draw(text: string): Promise<void>;
  /** Something else was written below the text: what comes next goes below that. */
  leave(): void;
}

export function createDrawing(output: Output): Drawing {
  let drawn = 0;
  let isFirst = true;
  return {
    async draw(text) {
      const isInPlace = output.isTerminal && drawn > 0 && drawn < (output.rows ?? 0);
      const start = isInPlace ? `${ESCAPE}[${drawn}A\r${ESCAPE}[J` : isFirst ? "" : "\n";
      drawn = heightOf(text, output.columns);
      isFirst = false;
      await output.write(`${start}${text}`);
    },
    leave() {
      drawn = 0;
    },
  };
}

/** Lines on the screen: long ones take several. */
function heightOf(text: string, columns: number): number {
  let height = 0;
  for (const line of text.split("\n").slice(0, -1)) {
    const width = displayWidth(stripVTControlCharacters(line));
    height += Math.max(1, Math.ceil(width / Math.max(1, columns)));
  }
  return height;
}
