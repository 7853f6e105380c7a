import type { Action } from "../plan.ts";

/** The actions in one folder of the output folder, "" for that one itself, in the order in which they are safe. */
export interface ActionGroup {
  readonly folder: string;
  readonly actions: readonly Action[];
}

/**
 * A plan's actions as stages, one to be done after the other. The folders within a stage do not depend on each other:
 * only the output folder's own files name other folders, so they begin a stage and end it.
 */
export function actionStages(actions: readonly Action[]): readonly (readonly ActionGroup[])[] {
  const stages: Map<string, Action[]>[] = [];
  let stage = new Map<string, Action[]>();
  for (const action of actions) {
    const folder = folderOf(action);
    if (stages.length === 0 || (folder === "") !== stage.has("")) {
      stage = new Map();
      stages.push(stage);
    }
    const group = stage.get(folder) ?? [];
    group.push(action);
    stage.set(folder, group);
  }
  return stages.map((groups) => Array.from(groups, ([folder, all]) => ({ folder, actions: all })));
}

function folderOf({ path }: Action): string {
  const end = path.lastIndexOf("/");
  return end === -1 ? "" : path.slice(0, end);
}
