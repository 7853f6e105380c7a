import { type Lock, lockText } from "../lock/lock.ts";
import { LOCK_NAME } from "../manifest/names.ts";
import type { SetPlan } from "../plan.ts";
import { AS_IS, listingOf, type WantedFile } from "./files.ts";
import { planImages } from "./images.ts";
import type { SetPlanInput } from "./set.ts";

/**
 * The plan of a set whose folder holds, to the byte, what a run would leave in it: most sets of most runs, whose lock
 * need not even be parsed. Undefined where anything is otherwise; `planSet` then says what.
 */
export function untouchedSet(input: Omit<SetPlanInput, "lock">): SetPlan | undefined {
  const { set, children, memory, folder, discovery } = input;
  const listing = listingOf(children.map(({ file }) => file));
  const wanted: readonly WantedFile[] = [...children, listing];
  const files = new Map(wanted.map(({ file, hash }) => [file, hash]));
  const lock: Lock = { ...memory, files, pending: new Map() };
  const stands = (file: string, text: string) => {
    const entry = folder.get(file);
    return entry?.type === "file" && entry.text === text;
  };
  const isUntouched =
    wanted.every(({ file, text }) => stands(file, text)) && stands(LOCK_NAME, lockText(lock));
  if (!isUntouched) return undefined;
  const verdicts = new Map(children.map(({ file }) => [file, AS_IS]));
  const images = planImages({ children, verdicts, folder, discovery, former: [] });
  return { set, state: "rendered", images, conflicts: [], actions: [] };
}
