import { formatReference, parseImageReference } from "../../api/image-reference.ts";
import { faulty, type Parsed, parsed } from "../../api/parsed.ts";
import { shown } from "../../api/printable.ts";
import { isRecord, own, type UnknownRecord } from "../../api/record.ts";
import { notAsWritten, readJson } from "../lock/own-json.ts";
import { isSetName } from "../manifest/names.ts";
import { PLAN_VERSION } from "./text.ts";

/** As much as is read of any file, in UTF-16 code units: more than a thousand sets of fifty images. */
const MAX_PLAN_LENGTH = 16 * 1024 * 1024;
const MAX_SETS = 10_000;
const MAX_IMAGES = 200_000;
const MAX_TEXT_LENGTH = 4_096;

const AGAIN = "save it again with drop render --dry-run -o json";

/** By name of the set: the images that the plan removes, or would remove if it were approved. */
export type PlannedRemovals = ReadonlyMap<string, ReadonlySet<string>>;

/** Which plan of a file is meant. */
export interface PlanChoice {
  /** The target of drop.yaml that is rendered; absent where PATHs are. */
  readonly target?: string;
  /** Whether further targets are rendered with the same file. */
  readonly hasSiblings?: boolean;
}

/**
 * Reads the removals of a plan that `planJson` wrote, or of a target's plan in what `fleetPlanJson` wrote; none where
 * that lists no plan of the target. Every name and reference is checked, for it decides what may go.
 */
export function parsePlan(text: string, choice: PlanChoice = {}): Parsed<PlannedRemovals> {
  if (text.length > MAX_PLAN_LENGTH) return faulty("it is too large for a plan", AGAIN);
  const value = readJson(text);
  if (!isRecord(value)) return faulty("it is not the JSON that drop render -o json writes", AGAIN);
  if (own(value, "targets") !== undefined) return parseFleetPlan(value, choice);
  if (choice.hasSiblings === true) {
    return faulty("it is the plan of one target, and several are rendered", "add --target NAME");
  }
  return removalsIn(value);
}

function parseFleetPlan(value: UnknownRecord, { target }: PlanChoice): Parsed<PlannedRemovals> {
  const version = own(value, "version");
  if (version !== PLAN_VERSION) return otherVersion(version);
  const targets = own(value, "targets");
  if (!Array.isArray(targets)) return broken("targets", targets);
  if (target === undefined) {
    return faulty("it holds the plans of the targets of drop.yaml", "leave the PATHs out");
  }
  const plans = targets.filter((one) => own(one, "name") === target);
  if (plans.length > 1) return broken("targets", target);
  const plan = own(plans[0], "plan");
  if (plan === undefined) return parsed(new Map());
  return isRecord(plan) ? removalsIn(plan) : broken("plan", plan);
}

function otherVersion(version: unknown): ReturnType<typeof faulty> {
  return faulty(`its version is ${shown(version)} and this Drop reads ${PLAN_VERSION}`, AGAIN);
}

function removalsIn(value: UnknownRecord): Parsed<PlannedRemovals> {
  const version = own(value, "version");
  if (version !== PLAN_VERSION) return otherVersion(version);
  const stray = Object.keys(value).find((field) => !FIELDS.includes(field));
  if (stray !== undefined) return faulty(`it has a field ${shown(stray)} that no plan has`, AGAIN);
  if (!isRecord(own(value, "totals"))) return broken("totals", own(value, "totals"));
  for (const field of ["conflicts", "files"]) {
    if (!Array.isArray(own(value, field))) return broken(field, own(value, field));
  }
  const sets = own(value, "sets");
  if (!Array.isArray(sets) || sets.length > MAX_SETS) return broken("sets", sets);
  return removalsOf(sets);
}

const FIELDS: readonly string[] = ["version", "totals", "sets", "conflicts", "files"];
const CHANGES: readonly unknown[] = ["added", "kept", "updated", "removed"];

function removalsOf(sets: readonly unknown[]): Parsed<PlannedRemovals> {
  const removals = new Map<string, ReadonlySet<string>>();
  let images = 0;
  for (const [index, set] of sets.entries()) {
    const name = own(set, "set");
    if (!isRecord(set) || typeof name !== "string" || !isSetName(name) || removals.has(name)) {
      return broken(`sets[${index}].set`, name);
    }
    const entries = entriesOf(set);
    images += entries?.length ?? 0;
    if (entries === undefined || images > MAX_IMAGES) return broken(`sets[${index}]`, set);
    const removed = removedOf(entries);
    if (removed === undefined) return broken(`sets[${index}].images`, "an image");
    removals.set(name, removed);
  }
  return parsed(removals);
}

/** What happens to a set's images, and what would if the guard let it. */
function entriesOf(set: UnknownRecord): readonly unknown[] | undefined {
  const images = own(set, "images");
  const guard = own(set, "guard");
  const guarded = guard === undefined ? [] : own(guard, "removals");
  if (!Array.isArray(images) || !Array.isArray(guarded)) return undefined;
  return [...images, ...guarded];
}

function removedOf(entries: readonly unknown[]): ReadonlySet<string> | undefined {
  const removed = new Set<string>();
  for (const entry of entries) {
    const change = own(entry, "change");
    const image = own(entry, "image");
    if (!CHANGES.includes(change) || !isReference(image)) return undefined;
    if (change === "removed") removed.add(image);
  }
  return removed;
}

function isReference(value: unknown): value is string {
  if (typeof value !== "string" || value.length > MAX_TEXT_LENGTH) return false;
  const reference = parseImageReference(value);
  return reference.ok && formatReference(reference.value) === value;
}

function broken(field: string, value: unknown): ReturnType<typeof notAsWritten> {
  return notAsWritten(field, value, AGAIN);
}
