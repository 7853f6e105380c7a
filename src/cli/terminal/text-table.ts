import { printable } from "../../api/printable.ts";
import { displayWidth, padToWidth } from "./display-width.ts";

/** How a cell is shown: the text itself, or that text in a style. */
export type PaintCell = (
  text: string,
  at: { readonly row: number; readonly column: number },
) => string;

/** Rows under headings in columns three spaces apart, as kubectl prints them; "" for no rows. */
export function textTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  paint: PaintCell = (text) => text,
): string {
  if (rows.length === 0) return "";
  const cells = [head, ...rows].map((row) => row.map((cell) => printable(cell, 300)));
  const widths = head.map((_, column) => widestOf(cells, column));
  return cells.map((row, at) => `${lineOf(row, { widths, row: at - 1, paint })}\n`).join("");
}

interface Line {
  readonly widths: readonly number[];
  /** -1 for the headings. */
  readonly row: number;
  readonly paint: PaintCell;
}

/** What comes after the last text is left out; a style never covers the space between columns. */
function lineOf(cells: readonly string[], { widths, row, paint }: Line): string {
  const last = cells.findLastIndex((cell) => cell.trimEnd() !== "");
  return cells
    .slice(0, last + 1)
    .map((cell, column) => {
      const text = column === last ? cell.trimEnd() : cell;
      const shown = text === "" || row < 0 ? text : paint(text, { row, column });
      const width = column === last ? 0 : (widths[column] ?? 0) + GAP;
      return shown + padToWidth(text, width).slice(text.length);
    })
    .join("");
}

const GAP = 3;

/** One by one: a hundred thousand rows do not fit into the arguments of one call. */
function widestOf(cells: readonly (readonly string[])[], column: number): number {
  let widest = 0;
  for (const row of cells) widest = Math.max(widest, displayWidth(row[column] ?? ""));
  return widest;
}
