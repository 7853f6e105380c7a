import { byCodeUnit } from "./canonical.ts";

/** Kubernetes allows names of 253 characters; comparing longer ones would only cost time. */
const MAX_COMPARED_LENGTH = 253;
const MAX_COMPARED_NAMES = 1_000;

/** The name that was probably meant: the one with the fewest edits, at most a third of the letters; undefined when none is near. */
export function nearestName(wanted: string, names: readonly string[]): string | undefined {
  if (wanted.length > MAX_COMPARED_LENGTH) return undefined;
  let best: string | undefined;
  let fewest = Math.ceil(wanted.length / 3) + 1;
  for (const name of names.toSorted(byCodeUnit).slice(0, MAX_COMPARED_NAMES)) {
    if (name.length > MAX_COMPARED_LENGTH) continue;
    const edits = editDistance(wanted, name);
    if (edits >= fewest) continue;
    fewest = edits;
    best = name;
  }
  return best;
}

/** How many letters must be inserted, left out or exchanged (Levenshtein), row by row. */
function editDistance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const changed = a[row - 1] === b[column - 1] ? 0 : 1;
      const exchanged = (above[column - 1] ?? 0) + changed;
      const inserted = (current[column - 1] ?? 0) + 1;
      const removed = (above[column] ?? 0) + 1;
      current.push(Math.min(exchanged, inserted, removed));
    }
    above = current;
  }
  return above[b.length] ?? 0;
}
