import type { Document, LineCounter } from "yaml";
import type { Fault } from "../../api/parsed.ts";
import { type Problem, problemOf } from "../../api/problem.ts";
import type { RuleId } from "../../api/rules/catalogue.ts";
import type { Place } from "./problem-at.ts";

/** A document as the YAML library read it, with the text of its whole file. */
export interface RawDocument {
  readonly file: string;
  readonly lines: LineCounter;
  readonly text: string;
  readonly document: Document.Parsed;
}

/** Where an offset of the text stands. */
export function placeAt(
  { file, lines }: Pick<RawDocument, "file" | "lines">,
  offset: number,
): Place {
  const { line, col } = lines.linePos(offset);
  return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
}

/** A mistake of a text, whatever object it holds. */
export function fileProblem(rule: RuleId, fault: Fault): Problem {
  return problemOf(fault, { rule, home: "file", path: [] });
}
