import { printable } from "../../../api/printable.ts";
import type { Place } from "../../../renderer/load/problem-at.ts";
import { cutStartToWidth, cutToWidth, displayWidth } from "../../terminal/display-width.ts";
import type { Look } from "./report.ts";

/** Fewer columns show no line that anybody would recognise. */
const MIN_COLUMNS = 40;

/** More of a line than this, in UTF-16 code units to each side, no terminal shows. */
const REACH = 1_000;

/** Draws the line of a place with a caret under its column; "" where there is nothing to draw. */
export type Excerpts = (place: Place) => string;

/** Excerpts of these texts, for a terminal; each text is divided into lines once. */
export function excerptsOf(texts: ReadonlyMap<string, string>, look: Look): Excerpts {
  const starts = new Map<string, readonly number[]>();
  return (place) => {
    const text = texts.get(place.file);
    if (text === undefined || look.columns < MIN_COLUMNS) return "";
    const lines = starts.get(place.file) ?? lineStarts(text);
    starts.set(place.file, lines);
    return drawn(text, lines, { place, look });
  };
}

/** Where each line begins. Only a line feed ends one, as the YAML parser counts. */
function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

function drawn(
  text: string,
  starts: readonly number[],
  { place, look }: { readonly place: Place; readonly look: Look },
): string {
  const start = starts[place.line - 1];
  if (start === undefined) return "";
  const end = (starts[place.line] ?? text.length + 1) - 1;
  const at = Math.min(start + place.column - 1, end);
  const before = clean(text.slice(Math.max(start, at - REACH), at));
  const after = clean(text.slice(at, Math.min(end, at + REACH)).replace(/\r$/, ""));
  const number = `${place.line}`;
  const room = look.columns - number.length - GUTTER;
  const left = cutStartToWidth(before, Math.floor(room * 0.6));
  const right = cutToWidth(after, room - displayWidth(left));
  const blank = " ".repeat(number.length);
  const source = ` ${look.paint("dim", `${number} |`)} ${left}${right}`;
  const caret = `${" ".repeat(displayWidth(left))}${look.paint(["red", "bold"], "^")}`;
  return `${source.trimEnd()}\n ${look.paint("dim", `${blank} |`)} ${caret}\n`;
}

/** ` 12 | ` without the digits. */
const GUTTER = 4;

/** A tab as wide as it is everywhere, whatever else does not print as an escape. */
function clean(text: string): string {
  return text
    .split("\t")
    .map((part) => printable(part, REACH))
    .join("    ");
}
