import { hashOf } from "../canonical.ts";
import { KUSTOMIZATION_NAME, LOCK_NAME } from "../manifest/names.ts";
import { readYaml } from "../manifest/yaml-text.ts";

/** What stands at a path of the output folder. `unread` is a file of a set that the run does not concern. */
export type TreeEntry =
  | { readonly type: "file"; readonly text: string }
  | { readonly type: "unread" }
  /** `what` completes "it is …": `a symbolic link`, `a folder`, `larger than 1 MiB`. */
  | { readonly type: "other"; readonly what: string };

/** The folder of one set: its lock, its kustomization.yaml and every file with a name that Drop gives to images. */
export type SetFolder = ReadonlyMap<string, TreeEntry>;

/** The output folder as a run finds it. */
export interface OutputTree {
  /** The names of everything in the folder itself, whoever made it. */
  readonly names: ReadonlySet<string>;
  /** Its own kustomization.yaml. */
  readonly kustomization?: TreeEntry;
  /** By name of the set: each folder that has a lock, and each that the run is about. */
  readonly sets: ReadonlyMap<string, SetFolder>;
  /** By name of the set: what stands where its folder should be, and is none. Completes "it is …". */
  readonly obstacles: ReadonlyMap<string, string>;
  /** Files that an interrupted run left half written, as paths in the output folder. */
  readonly leftovers: readonly string[];
}

/** An output folder without anything in it, or none at all. */
export const EMPTY_TREE: OutputTree = {
  names: new Set(),
  sets: new Map(),
  obstacles: new Map(),
  leftovers: [],
};

/** Whether a folder is a finished set of Drop's: it has a lock and can be listed in a kustomization. */
export function isRenderedFolder(folder: SetFolder | undefined): boolean {
  return folder?.has(LOCK_NAME) === true && folder.has(KUSTOMIZATION_NAME);
}

/** The hash of the object in a file, undefined when it holds no single YAML document. */
export function objectHashOf(entry: TreeEntry | undefined): string | undefined {
  const object = objectOf(entry);
  return object === undefined ? undefined : hashOf(object);
}

/** The object in a file, undefined when it holds no single YAML document. */
export function objectOf(entry: TreeEntry | undefined): unknown {
  return entry?.type === "file" ? readYaml(entry.text) : undefined;
}
