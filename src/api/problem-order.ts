import type { FieldPath, Problem } from "./problem.ts";
import { isRecord, own } from "./record.ts";

/** Problems by where their fields stand in the object; a field that is not there comes after its siblings. */
export function inOrder(problems: readonly Problem[], object: unknown): readonly Problem[] {
  const places = new Map<unknown, ReadonlyMap<string, number>>();
  const ranked = problems.map((problem) => ({
    problem,
    rank: rankOf(problem.path, object, places),
    name: JSON.stringify(problem.path),
  }));
  ranked.sort(
    (a, b) =>
      compareRanks(a.rank, b.rank) ||
      compareTexts(a.name, b.name) ||
      compareTexts(a.problem.rule, b.problem.rule),
  );
  return ranked.map(({ problem }) => problem);
}

/** The place of each key in the mappings seen so far: looking it up anew for each problem would take quadratic time. */
type Places = Map<unknown, ReadonlyMap<string, number>>;

function rankOf(path: FieldPath, object: unknown, places: Places): readonly number[] {
  const rank: number[] = [];
  let value = object;
  for (const step of path) {
    const place = typeof step === "number" ? step : placesIn(value, places).get(step);
    rank.push(place ?? Number.MAX_SAFE_INTEGER);
    value = own(value, step);
  }
  return rank;
}

const NONE: ReadonlyMap<string, number> = new Map();

function placesIn(value: unknown, places: Places): ReadonlyMap<string, number> {
  if (!isRecord(value)) return NONE;
  const known = places.get(value);
  if (known !== undefined) return known;
  const made = new Map(Object.keys(value).map((key, at) => [key, at]));
  places.set(value, made);
  return made;
}

function compareRanks(a: readonly number[], b: readonly number[]): number {
  for (const [index, step] of a.entries()) {
    const other = b[index];
    if (other === undefined) return 1;
    if (step !== other) return step - other;
  }
  return a.length - b.length;
}

function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
