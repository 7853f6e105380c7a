import { createTwoFilesPatch } from "diff";
import { byCodeUnit } from "../canonical.ts";
import type { OutputTree, TreeEntry } from "../folder/tree.ts";
import type { Action, Plan } from "../plan.ts";

const NO_FILE = "/dev/null";
const CONTEXT_LINES = 3;

/** The change of every file as one unified diff that `git apply` understands, by path. */
export function planDiff({ actions }: Plan, tree: OutputTree): string {
  // A path can be written twice, the first time to announce the second: the last action is what remains.
  const last = new Map(actions.map((action) => [action.path, action]));
  const sorted = [...last.values()].toSorted((a, b) => byCodeUnit(a.path, b.path));
  return sorted.map((action) => fileDiff(action, textOf(tree, action.path))).join("");
}

function fileDiff(action: Action, before: string | undefined): string {
  const after = action.type === "write" ? action.text : undefined;
  const from = before === undefined ? NO_FILE : `a/${action.path}`;
  const to = after === undefined ? NO_FILE : `b/${action.path}`;
  const options = { context: CONTEXT_LINES };
  const patch = createTwoFilesPatch(from, to, before ?? "", after ?? "", "", "", options);
  return patch.replace(/^=+\n/, "");
}

function textOf(tree: OutputTree, path: string): string | undefined {
  const [first = "", second] = path.split("/");
  const entry = second === undefined ? tree.kustomization : tree.sets.get(first)?.get(second);
  return fileText(entry);
}

function fileText(entry: TreeEntry | undefined): string | undefined {
  return entry?.type === "file" ? entry.text : undefined;
}
