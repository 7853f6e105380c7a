/** One line of the table: a figure of Drop's, the peer's beside it, and what was aimed at. */
export interface Row {
  readonly what: string;
  readonly drop: string;
  readonly peer: string;
  readonly peerFigure: string;
  readonly ratio: string;
  readonly target: string;
  readonly met: boolean | undefined;
}

const HEAD = ["what", "drop", "peer", "the peer's", "ratio", "target", ""];

/** The rows as a table in Markdown, its columns aligned for terminals. */
export function tableText(rows: readonly Row[]): string {
  const cells = rows.map(({ met, ...row }) => [
    row.what,
    row.drop,
    row.peer,
    row.peerFigure,
    row.ratio,
    row.target,
    met === undefined ? "" : met ? "met" : "MISSED",
  ]);
  const widths = HEAD.map((head, column) =>
    Math.max(head.length, ...cells.map((line) => (line[column] ?? "").length)),
  );
  const rule = widths.map((width) => "-".repeat(Math.max(width, 3)));
  return [HEAD, rule, ...cells]
    .map((line) => `| ${widths.map((width, at) => (line[at] ?? "").padEnd(width)).join(" | ")} |\n`)
    .join("");
}

export function seconds(value: number): string {
  return `${value < 10 ? value.toFixed(2) : value.toFixed(1)} s`;
}

export function mebibytes(value: number): string {
  return `${Math.round(value)} MiB`;
}
