import { objectHashOf, type TreeEntry } from "../folder/tree.ts";
import type { Conflict } from "../plan.ts";

/** What may be done with one file. */
export type Verdict =
  /** `standing` is the hash of the object of Drop's own that is replaced; absent when nothing stands there. */
  | { readonly type: "write"; readonly standing?: string }
  /** The right object stands there already, whoever wrote or formatted it. */
  | { readonly type: "asIs" }
  | { readonly type: "remove"; readonly standing: string }
  | { readonly type: "gone" }
  | { readonly type: "conflict"; readonly conflict: Conflict };

export interface OwnershipInput {
  readonly path: string;
  readonly entry: TreeEntry | undefined;
  /** The hashes that the lock lists for the file, none for a file that Drop did not write. */
  readonly own: readonly string[];
  /** The hash of the object that should stand there; undefined when none should. */
  readonly wanted?: string;
}

/** Decides by the lock whether a file is Drop's to write or remove. Only the parsed object counts, never its formatting. */
export function verdictOn({ path, entry, own, wanted }: OwnershipInput): Verdict {
  if (entry === undefined) return wanted === undefined ? { type: "gone" } : { type: "write" };
  const standing = objectHashOf(entry);
  if (standing !== undefined && standing === wanted) return { type: "asIs" };
  if (standing !== undefined && own.includes(standing)) {
    return wanted === undefined ? { type: "remove", standing } : { type: "write", standing };
  }
  return { type: "conflict", conflict: { path, ...complaint(entry, own, wanted) } };
}

function complaint(
  entry: TreeEntry,
  own: readonly string[],
  wanted: OwnershipInput["wanted"],
): { readonly what: string; readonly fix: string } {
  if (entry.type === "other") {
    const what = `it is ${entry.what}, which Drop neither reads nor replaces`;
    return { what, fix: "move it away and render again" };
  }
  if (own.length === 0) {
    const what = "a file that Drop did not write stands where it would write one";
    return { what, fix: "move it away and render again" };
  }
  if (wanted === undefined) {
    const what = "it was changed by hand, so it stays although its image is no longer wanted";
    return { what, fix: "remove it, or move what it says out of Drop's folder" };
  }
  const what = "it was changed by hand since Drop wrote it, so it is left as it is";
  return { what, fix: "take the change back, or remove the file and render again" };
}
