import type { Finding } from "./finding.ts";
import { conflictsOf, type GuardRefusal, type Plan } from "./plan.ts";

/** What a run found out, for the caller to print, compare or carry out; the lists decide the exit code. */
export interface RenderReport {
  readonly plan: Plan;
  /** Every child of every rendered set in a total order: by set, then by object. */
  readonly children: readonly RenderedChild[];
  /** Mistakes in the inputs; with any of them the plan is empty. */
  readonly mistakes: readonly Finding[];
  /** Sources that were needed and did not answer. */
  readonly unanswered: readonly Finding[];
  /** Files that a person made or changed, folders that cannot be used, and sets that the guard left as they are. */
  readonly refused: readonly Finding[];
  /** What the folder is not yet, each a reason for `--check` or `--diff` to fail. */
  readonly differences: readonly Finding[];
  readonly warnings: readonly Finding[];
  /** What sources left out and why, for people who ask for details. */
  readonly notes: readonly Finding[];
}

/** One object as it is written out. */
export interface RenderedChild {
  readonly set: string;
  readonly name: string;
  readonly text: string;
}

export const EMPTY_PLAN: Plan = { sets: [], conflicts: [], actions: [] };

/** A report of mistakes alone: nothing is rendered while the inputs have any. */
export function mistakenReport(
  mistakes: readonly Finding[],
  warnings: readonly Finding[],
): RenderReport {
  const none = { children: [], unanswered: [], refused: [], differences: [], notes: [] };
  return { plan: EMPTY_PLAN, mistakes, warnings, ...none };
}

const HOW_TO_APPROVE =
  "save the plan with --dry-run -o json > plan.json, look through it, and render with --approve plan.json";

/** The conflicts of a plan as findings about files, and what the guard refused. */
export function refusalsOf(plan: Plan, howToApprove = HOW_TO_APPROVE): readonly Finding[] {
  const conflicts = conflictsOf(plan).map(({ path, what, fix }) => ({ subject: path, what, fix }));
  const guarded = plan.sets.flatMap(({ set, guard }): readonly Finding[] => {
    if (guard === undefined) return [];
    const fix = `see first whether the sources answered right; to approve it, ${howToApprove}`;
    return [{ subject: `CachedImageSet/${set}`, what: guardText(guard), fix }];
  });
  return [...conflicts, ...guarded];
}

const SHOWN_REMOVALS = 10;

function guardText({ counts, before, allowed, removals }: GuardRefusal): string {
  const byReason = new Map<string, string[]>();
  for (const { image, reason } of removals.slice(0, SHOWN_REMOVALS)) {
    byReason.set(reason, [...(byReason.get(reason) ?? []), image]);
  }
  const listed = [...byReason].map(([reason, images]) => `${images.join(", ")} (${reason})`);
  if (removals.length > SHOWN_REMOVALS) {
    listed.push(`and ${removals.length - SHOWN_REMOVALS} more, which the plan lists`);
  }
  const images = counts === "all" ? "images" : "discovered images";
  const limit = removals.length > allowed ? `at most ${allowed} may` : "never all may";
  const what = `${removals.length} of its ${before} ${images} would go in one run, and ${limit}`;
  return `${what}, so it is left as it is: ${listed.join("; ")}`;
}

/** Each file of the output folder that is not as it should be. Its last action says what becomes of it. */
export function differencesOf({ actions }: Plan): readonly Finding[] {
  const last = new Map(actions.map((action) => [action.path, action]));
  return [...last.values()].map(({ path, type }) => ({
    subject: path,
    what: type === "write" ? "it is missing or not up to date" : "it is no longer wanted",
    fix: "run drop render and commit the result",
  }));
}
