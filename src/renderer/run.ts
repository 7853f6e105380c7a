import type { CachedImageSet, DiscoveryPolicy } from "../api/types.gen.ts";
import type { RememberedImage, SourceOutcome } from "../discovery/outcome.ts";
import { offlineOutcomes } from "../discovery/unasked.ts";
import { byCodeUnit } from "./canonical.ts";
import type { Finding } from "./finding.ts";
import { EMPTY_TREE, type OutputTree } from "./folder/tree.ts";
import { rememberedImages } from "./lock/lock.ts";
import type { Guard } from "./plan/guard.ts";
import { lockOfFolder } from "./plan/set.ts";
import { planTree } from "./plan/tree.ts";
import { lacksAnswer, type RenderedSet, renderSet, silentFindings } from "./render-set.ts";
import {
  differencesOf,
  mistakenReport,
  type RenderedChild,
  type RenderReport,
  refusalsOf,
} from "./report.ts";
import { type Resolution, resolve, type Target } from "./resolve.ts";

/** The world as rendering sees it. */
export interface RenderPorts {
  /** Asks the sources of one policy; a source that fails is an answer, not an error. */
  discover(policy: DiscoveryPolicy, signal: AbortSignal): Promise<readonly SourceOutcome[]>;
  /** Reads the folders of these sets, and all others that Drop wrote when `others` is set; absent without a folder. */
  readTree?(wanted: WantedFolders, signal: AbortSignal): Promise<OutputTree>;
}

export interface WantedFolders {
  readonly sets: readonly string[];
  readonly others: boolean;
}

export interface RenderOptions {
  /** The only sets to render (`--set`). */
  readonly selected?: readonly string[];
  /** Whether sets that are gone from the inputs are removed. */
  readonly pruneSets?: boolean;
  /** Whether an incomplete answer is an error even when remembered images stand in. */
  readonly strict?: boolean;
  /** Whether the folder holds these sets and no others: then sets that are gone are removed, under the guard. */
  readonly ownsFolder?: boolean;
  /** Under which limits images may go; the usual ones when absent. */
  readonly guard?: Guard;
  /** Completes "to approve it, …", for people. */
  readonly howToApprove?: string;
  /** As `rank` takes it. */
  readonly churnMargin?: number;
}

export interface RenderInput {
  readonly sets: readonly CachedImageSet[];
  readonly policies: readonly DiscoveryPolicy[];
  /** By name of the set: what to remember where there is no lock. */
  readonly memory?: ReadonlyMap<string, readonly RememberedImage[]>;
  readonly ports: RenderPorts;
  readonly options?: RenderOptions;
}

/** Gathers what sources and folder say, each DiscoveryPolicy asked once, and decides; changing anything is the caller's. */
export async function renderTargets(
  { sets, policies, memory, ports, options = {} }: RenderInput,
  signal: AbortSignal,
): Promise<RenderReport> {
  const { selected, pruneSets = false, ownsFolder = false, churnMargin } = options;
  const resolution = resolve({ sets, policies, ...(selected && { selected }) });
  if (resolution.mistakes.length > 0) {
    return mistakenReport(resolution.mistakes, resolution.warnings);
  }
  const { targets } = resolution;
  const wanted = { sets: targets.map(({ name }) => name), others: pruneSets || ownsFolder };
  const tree = (await ports.readTree?.(wanted, signal)) ?? EMPTY_TREE;
  const answers = await askAll(targets, ports, signal);
  const rendered = targets.map((target) =>
    renderSet({
      target,
      outcomes: answers.get(target.policy?.metadata.name) ?? [],
      remembered: rememberedOf(target, tree, memory),
      ...(churnMargin !== undefined && { churnMargin }),
    }),
  );
  return reportOf({ resolution, rendered, tree, options });
}

/** A policy that several sets name is asked once, all policies at the same time. */
async function askAll(
  targets: readonly Target[],
  ports: RenderPorts,
  signal: AbortSignal,
): Promise<ReadonlyMap<string | undefined, readonly SourceOutcome[]>> {
  const policies = new Map(targets.map(({ policy }) => [policy?.metadata.name, policy]));
  const answers = [...policies].map(async ([name, policy]) => {
    if (policy === undefined) return [name, []] as const;
    if (policy.spec.suspend === true) return [name, offlineOutcomes(policy)] as const;
    return [name, await ports.discover(policy, signal)] as const;
  });
  return new Map(await Promise.all(answers));
}

function rememberedOf(
  { name, policy }: Target,
  tree: OutputTree,
  memory: RenderInput["memory"],
): readonly RememberedImage[] {
  if (policy === undefined) return [];
  const standing = lockOfFolder(name, tree.sets.get(name) ?? new Map());
  if (standing.type === "none") return memory?.get(name) ?? [];
  if (standing.type === "unusable") return [];
  return rememberedImages(standing.lock, policy.metadata.name);
}

interface ReportInput {
  readonly resolution: Resolution;
  readonly rendered: readonly RenderedSet[];
  readonly tree: OutputTree;
  readonly options: RenderOptions;
}

function reportOf({ resolution, rendered, tree, options }: ReportInput): RenderReport {
  const mistakes = rendered.flatMap((set) => set.mistakes);
  if (mistakes.length > 0) return mistakenReport(mistakes, resolution.warnings);
  const results = rendered.map(({ result }) => result);
  const { pruneSets = false, ownsFolder = false, strict = false, guard = {} } = options;
  const { known } = resolution;
  const plan = planTree({ results, tree, known, pruneSets, ownsFolder, guard });
  const warnings = [...resolution.warnings];
  const unanswered: Finding[] = [];
  for (const set of rendered) {
    const { failed, suspended } = silentFindings(set);
    warnings.push(...suspended);
    (strict || lacksAnswer(set) ? unanswered : warnings).push(...failed);
  }
  return {
    plan,
    children: childrenOf(rendered),
    mistakes: [],
    unanswered,
    refused: refusalsOf(plan, options.howToApprove),
    differences: differencesOf(plan),
    warnings,
    notes: rendered.flatMap(notesOf),
  };
}

/** Sets come in the order of their names. */
function childrenOf(rendered: readonly RenderedSet[]): readonly RenderedChild[] {
  return rendered.flatMap(({ name: set, result }) => {
    if (result.type !== "rendered") return [];
    const children = result.children.map(({ name, text }) => ({ set, name, text }));
    return children.sort((a, b) => byCodeUnit(a.name, b.name));
  });
}

function notesOf({ name, ranking }: RenderedSet): readonly Finding[] {
  const sources = ranking?.sources ?? [];
  return sources.flatMap((source) =>
    source.notes.map((what) => ({
      subject: `CachedImageSet/${name}: ${source.name}`,
      what,
      fix: "nothing has to be done",
    })),
  );
}
