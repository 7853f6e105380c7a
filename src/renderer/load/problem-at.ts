import type { Problem } from "../../api/problem.ts";

/** A place in a file, line and column counted from 1. `file` is as the user named it, `-` for standard input. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A problem with its place, and the object it is in once that is known. */
export interface LocatedProblem extends Problem, Place {
  readonly object?: { readonly kind: string; readonly name: string };
}

/** The order in which people read problems: by file, line, column, then rule. */
export function inReadingOrder(problems: readonly LocatedProblem[]): readonly LocatedProblem[] {
  return problems.toSorted(
    (a, b) =>
      compare(a.file, b.file) || a.line - b.line || a.column - b.column || compare(a.rule, b.rule),
  );
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
