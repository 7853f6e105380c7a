import { own } from "../api/record.ts";
import { byCodeUnit } from "./canonical.ts";
import { type OutputTree, objectOf, type SetFolder } from "./folder/tree.ts";
import { listedResources } from "./manifest/kustomization.ts";
import { KUSTOMIZATION_NAME } from "./manifest/names.ts";
import type { SetPlan } from "./plan.ts";
import type { RenderedChild, RenderReport } from "./report.ts";

/**
 * What a cluster that takes the output folder holds of the sets of a run once that is done, by set, then by object: what
 * was rendered, and where a set or a file is left as it is, what stands there. Without a folder all that was rendered.
 */
export function childrenInForce(
  { plan, children }: Pick<RenderReport, "plan" | "children">,
  tree: OutputTree,
): readonly RenderedChild[] {
  const rendered = Map.groupBy(children, ({ set }) => set);
  return plan.sets
    .toSorted((a, b) => byCodeUnit(a.set, b.set))
    .flatMap((set) => {
      const isAsRendered = set.state === "rendered" && set.conflicts.length === 0;
      return isAsRendered ? (rendered.get(set.set) ?? []) : standingChildren(set, tree);
    });
}

/** The objects that the kustomization.yaml of a set lists, which is what its folder says. */
function standingChildren(set: SetPlan, tree: OutputTree): readonly RenderedChild[] {
  const folder = folderAfter(set, tree);
  const listed = new Set(listedResources(objectOf(folder.get(KUSTOMIZATION_NAME))));
  const standing = [...listed].flatMap((file) => childIn(folder, file, set.set));
  return standing.toSorted((a, b) => byCodeUnit(a.name, b.name));
}

function folderAfter({ set, actions }: SetPlan, tree: OutputTree): SetFolder {
  const folder = new Map(tree.sets.get(set));
  for (const action of actions) {
    const file = action.path.slice(set.length + 1);
    if (action.type === "write") folder.set(file, { type: "file", text: action.text });
    else folder.delete(file);
  }
  return folder;
}

/** A file that a person changed may begin with the mark of a document, or end without a line break. */
function childIn(folder: SetFolder, file: string, set: string): readonly RenderedChild[] {
  const entry = folder.get(file);
  const object = objectOf(entry);
  if (entry?.type !== "file" || object === undefined) return [];
  const name = own(own(object, "metadata"), "name");
  const text = `${entry.text.replace(/^---[ \t]*\r?\n/, "").trimEnd()}\n`;
  return [{ set, name: typeof name === "string" ? name : file, text }];
}
