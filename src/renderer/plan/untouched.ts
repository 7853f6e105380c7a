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
  const stands = ({ file, text }: Pick<WantedFile, "file" | "text">) => {
    const entry = folder.get(file);
    return entry?.type === "file" && entry.text === text;
  };
  if (!children.every(stands)) return undefined;
  const listing = listingOf(children.map(({ file }) => file));
  const files = new Map([...children, listing].map(({ file, hash }) => [file, hash]));
  const lock: Lock = { ...memory, files, pending: new Map() };
  if (!stands(listing) || !stands({ file: LOCK_NAME, text: lockText(lock) })) return undefined;
  const verdicts = new Map(children.map(({ file }) => [file, AS_IS]));
  const images = planImages({ children, verdicts, folder, discovery, former: [] });
  return { set, state: "rendered", images, conflicts: [], actions: [] };
}
