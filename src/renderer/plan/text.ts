import { printable } from "../../api/printable.ts";
import {
  type Conflict,
  type GuardRefusal,
  type Plan,
  type PlannedImage,
  type SetPlan,
  totalsOf,
} from "../plan.ts";

/** One line of a plan for people, with what it is about so that a terminal can colour it. */
export interface PlanLine {
  readonly kind: "set" | PlannedImage["change"] | "conflict" | "total";
  readonly text: string;
}

export interface PlanTextOptions {
  /** Whether images that stay are listed one by one, and not only counted. */
  readonly verbose?: boolean;
}

const SIGNS = { added: "+", updated: "~", removed: "-", kept: "=" } as const;
const CHANGES = ["added", "updated", "removed", "kept"] as const;

const STATES: Readonly<Record<Exclude<SetPlan["state"], "rendered">, string>> = {
  unanswered: "left as it is, no source answered",
  refused: "left as it is",
  pruned: "removed, its set is gone from the inputs",
};

/** A plan for people: each set with its counts, each image that changes with its reason, conflicts, and the total. */
export function planLines(
  plan: Plan,
  { verbose = false }: PlanTextOptions = {},
): readonly PlanLine[] {
  const lines = plan.sets.flatMap((set) => setLines(set, verbose));
  lines.push(...plan.conflicts.map(conflictLine));
  const sets = plan.sets.length === 1 ? "1 set" : `${plan.sets.length} sets`;
  return [...lines, { kind: "total", text: `${sets}: ${outcomes(plan.sets)}` }];
}

function outcomes(sets: readonly SetPlan[]): string {
  const left = sets.filter(({ state }) => state === "unanswered" || state === "refused").length;
  const images = counts(sets.flatMap((set) => set.images));
  if (left === 0) return images;
  const stays = `${left} left as ${left === 1 ? "it is" : "they are"}`;
  return left === sets.length ? stays : `${images}; ${stays}`;
}

/** `planLines` as one text, a line each. */
export function planText(plan: Plan, options?: PlanTextOptions): string {
  return planLines(plan, options)
    .map(({ text }) => `${text}\n`)
    .join("");
}

/** A plan as JSON for tools and for keeping: stable, without the texts of files. */
export function planJson(plan: Plan): string {
  return savedPlanJson(savedPlan(plan));
}

/** A plan without texts as JSON. */
export function savedPlanJson(plan: SavedPlan): string {
  return `${JSON.stringify(plan, undefined, 2)}\n`;
}

/** What `planJson` writes, as a value. */
export function savedPlan(plan: Plan): SavedPlan {
  const sets = plan.sets.map(({ set, state, images, conflicts, guard }) => ({
    set,
    state,
    totals: totalsOf(images),
    images,
    conflicts,
    ...(guard && { guard }),
  }));
  const files = plan.actions.map(({ type, path }) => ({ type, path }));
  const totals = totalsOf(plan.sets.flatMap(({ images }) => images));
  return { version: PLAN_VERSION, totals, sets, conflicts: plan.conflicts, files };
}

/** A plan without the texts of files; its fields are `schemas/plan.schema.json`'s. */
export type SavedPlan = Readonly<Record<string, unknown>> & {
  readonly version: typeof PLAN_VERSION;
};

/** One target of a fleet: how its run ended, and its plan unless its inputs had mistakes. */
export interface TargetPlan {
  readonly name: string;
  readonly exitCode: number;
  readonly plan?: SavedPlan;
}

/** The plans of a fleet's targets as one JSON text, in the order of drop.yaml. */
export function fleetPlanJson(targets: readonly TargetPlan[]): string {
  return `${JSON.stringify({ version: PLAN_VERSION, targets }, undefined, 2)}\n`;
}

/** The version of the formats that `planJson` and `fleetPlanJson` write; `schemas/plan.schema.json` describes it. */
export const PLAN_VERSION = 1;

function setLines({ set, state, images, conflicts, guard }: SetPlan, verbose: boolean): PlanLine[] {
  if (guard) return guardLines(set, guard);
  const about = state === "rendered" ? counts(images) : STATES[state];
  const listed = images.filter(({ change }) => verbose || change !== "kept");
  return [
    { kind: "set", text: `${set}: ${about}` },
    ...inOrder(listed).map(imageLine),
    ...conflicts.map(conflictLine),
  ];
}

function guardLines(set: string, { counts, before, removals }: GuardRefusal): PlanLine[] {
  const images = counts === "all" ? "images" : "discovered images";
  const about = `left as it is, ${removals.length} of its ${before} ${images} would go`;
  const lines = removals.map(({ image, reason }): PlanLine => {
    const text = `  ! would remove ${printable(image, 600)}  (${printable(reason, 600)})`;
    return { kind: "conflict", text };
  });
  return [{ kind: "set", text: `${set}: ${about}` }, ...lines];
}

function inOrder(images: readonly PlannedImage[]): readonly PlannedImage[] {
  return CHANGES.flatMap((change) => images.filter((image) => image.change === change));
}

function imageLine({ change, image, replaces, reason }: PlannedImage): PlanLine {
  const instead = replaces === undefined ? "" : ` in place of ${versionOf(replaces)}`;
  const text = `  ${SIGNS[change]} ${printable(image, 600)}${instead}  (${printable(reason, 600)})`;
  return { kind: change, text };
}

/** The tag or digest: the repository is the same and stands on the line already. */
function versionOf(image: string): string {
  const path = image.slice(image.lastIndexOf("/") + 1);
  return path.slice(path.search(/[:@]/) + 1);
}

function conflictLine({ path, what, fix }: Conflict): PlanLine {
  return { kind: "conflict", text: `  ! ${path}: ${printable(what, 600)}; ${printable(fix, 600)}` };
}

function counts(images: readonly PlannedImage[]): string {
  const totals = totalsOf(images);
  const parts = CHANGES.filter((change) => totals[change] > 0);
  if (parts.length === 0) return "no images";
  return parts.map((change) => `${totals[change]} ${change}`).join(", ");
}
