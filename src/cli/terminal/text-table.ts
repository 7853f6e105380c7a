import { printable } from "../../api/printable.ts";
import { displayWidth, padToWidth } from "./display-width.ts";

/** Rows under headings in columns three spaces apart, as kubectl prints them; "" for no rows. */
export function textTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return "";
  const cells = [head, ...rows].map((row) => row.map((cell) => printable(cell, 300)));
  const widths = head.map((_, column) => widestOf(cells, column));
  return cells
    .map((row) =>
      row
        .map((cell, column) => padToWidth(cell, widths[column] ?? 0))
        .join("   ")
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join("");
}

/** One by one: a hundred thousand rows do not fit into the arguments of one call. */
function widestOf(cells: readonly (readonly string[])[], column: number): number {
  let widest = 0;
  for (const row of cells) widest = Math.max(widest, displayWidth(row[column] ?? ""));
  return widest;
}
