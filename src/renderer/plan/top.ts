import { shown } from "../../api/printable.ts";
import { byCodeUnit, hashOf } from "../canonical.ts";
import { isRenderedFolder, type OutputTree, objectHashOf, objectOf } from "../folder/tree.ts";
import { kustomization, listedResources, writtenResources } from "../manifest/kustomization.ts";
import { isSetName, KUSTOMIZATION_NAME } from "../manifest/names.ts";
import { yamlText } from "../manifest/yaml-text.ts";
import type { Action, Conflict } from "../plan.ts";

export interface TopInput {
  readonly tree: OutputTree;
  /** The sets whose folder is complete once this run is done. */
  readonly rendered: readonly string[];
  readonly pruned: readonly string[];
  /** The names of all sets among the inputs. */
  readonly known: readonly string[];
}

export interface TopPlan {
  readonly actions: readonly Action[];
  readonly conflicts: readonly Conflict[];
}

const NOTHING: TopPlan = { actions: [], conflicts: [] };

/**
 * Plans the kustomization.yaml of the output folder, which lists the folders of all sets. It has no lock: Drop takes it
 * for its own when it is exactly what Drop writes for sets that exist or are gone. A person's own is left alone, and is
 * no conflict as long as it lists the sets.
 */
export function planTop({ tree, rendered, pruned, known }: TopInput): TopPlan {
  const sets = setsAfter(tree, rendered, pruned);
  const entry = tree.kustomization;
  if (entry === undefined && sets.length === 0) return NOTHING;
  const wanted = kustomization(sets);
  const text = yamlText(wanted);
  if (entry?.type === "file" && entry.text === text) return NOTHING;
  if (entry !== undefined && objectHashOf(entry) === hashOf(wanted)) return NOTHING;
  if (entry !== undefined && !isOwn(tree, known)) return judgeForeign(tree, sets, pruned);
  const action = { type: "write", path: KUSTOMIZATION_NAME, text } as const;
  return { actions: [action], conflicts: [] };
}

function setsAfter(
  tree: OutputTree,
  rendered: readonly string[],
  pruned: readonly string[],
): readonly string[] {
  const standing = [...tree.sets].filter(([, folder]) => isRenderedFolder(folder));
  const names = new Set([...standing.map(([name]) => name), ...rendered]);
  return [...names].filter((name) => !pruned.includes(name)).toSorted(byCodeUnit);
}

function isOwn(tree: OutputTree, known: readonly string[]): boolean {
  const resources = writtenResources(objectOf(tree.kustomization));
  if (resources === undefined) return false;
  return resources.every((name) => {
    if (!isSetName(name)) return false;
    return known.includes(name) || tree.sets.has(name) || !tree.names.has(name);
  });
}

function judgeForeign(
  tree: OutputTree,
  sets: readonly string[],
  pruned: readonly string[],
): TopPlan {
  const entry = tree.kustomization;
  if (entry?.type === "other") {
    const what = `it is ${entry.what}, which Drop neither reads nor replaces`;
    return conflict(what, "move it away and render again");
  }
  const listed = new Set(listedResources(objectOf(entry))?.map(folderName));
  const missing = sets.filter((name) => !listed.has(name));
  const stale = pruned.filter((name) => listed.has(name));
  if (missing.length === 0 && stale.length === 0) return NOTHING;
  const what = "it is not as Drop wrote it, and it does not list the folders of the sets";
  const steps: string[] = [];
  if (missing.length > 0) steps.push(`add ${names(missing)} to its resources`);
  if (stale.length > 0) steps.push(`take ${names(stale)} out of its resources`);
  return conflict(what, `${steps.join(" and ")}, or remove it and render again`);
}

function conflict(what: string, fix: string): TopPlan {
  return { actions: [], conflicts: [{ path: KUSTOMIZATION_NAME, what, fix }] };
}

function names(list: readonly string[]): string {
  return list.map((name) => shown(name)).join(", ");
}

function folderName(resource: string): string {
  return resource.replace(/^\.\//, "").replace(/\/$/, "");
}
