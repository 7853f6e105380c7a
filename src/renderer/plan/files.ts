import { hashOf } from "../canonical.ts";
import type { SetFolder } from "../folder/tree.ts";
import { type Lock, lockedFiles, ownHashes } from "../lock/lock.ts";
import { kustomization } from "../manifest/kustomization.ts";
import { KUSTOMIZATION_NAME } from "../manifest/names.ts";
import { yamlText } from "../manifest/yaml-text.ts";
import type { Conflict } from "../plan.ts";
import { type Verdict, verdictOn } from "./ownership.ts";

/** A file as it should be. */
export interface WantedFile {
  readonly file: string;
  readonly text: string;
  readonly hash: string;
}

/** What becomes of the files of one set, by their names in its folder. */
export interface FilesPlan {
  /** Children first, kustomization.yaml last. */
  readonly writes: readonly WantedFile[];
  readonly removes: readonly string[];
  readonly conflicts: readonly Conflict[];
  readonly verdicts: ReadonlyMap<string, Verdict>;
  /** The hashes that the lock lists before anything is done: what stands there and is Drop's. */
  readonly before: ReadonlyMap<string, string>;
  /** The hashes that the lock lists once all is done. */
  readonly after: ReadonlyMap<string, string>;
}

export interface FilesInput {
  readonly set: string;
  readonly wanted: readonly WantedFile[];
  readonly lock: Lock | undefined;
  readonly folder: SetFolder;
}

/** Compares the wanted files of a set and its kustomization.yaml with what stands in its folder. */
export function planFiles(input: FilesInput): FilesPlan {
  const { wanted, lock } = input;
  const wantedByFile = new Map(wanted.map((file) => [file.file, file]));
  const verdicts = new Map<string, Verdict>();
  for (const name of new Set([...wantedByFile.keys(), ...lockedFiles(lock)])) {
    if (name !== KUSTOMIZATION_NAME) verdicts.set(name, verdictFor(input, name, wantedByFile));
  }
  const listing = listingOf(listedFiles(verdicts, lock));
  wantedByFile.set(listing.file, listing);
  verdicts.set(listing.file, verdictFor(input, listing.file, wantedByFile));
  return gathered(verdicts, wantedByFile, lock);
}

/** As `planFiles` for a set that is to vanish: its kustomization.yaml goes too. */
export function planFilesRemoval({ set, lock, folder }: Omit<FilesInput, "wanted">): FilesPlan {
  const verdicts = new Map<string, Verdict>();
  const none = new Map<string, WantedFile>();
  const input = { set, lock, folder, wanted: [] };
  for (const name of lockedFiles(lock)) verdicts.set(name, verdictFor(input, name, none));
  return gathered(verdicts, none, lock);
}

function verdictFor(
  { set, lock, folder }: FilesInput,
  file: string,
  wanted: ReadonlyMap<string, WantedFile>,
): Verdict {
  const want = wanted.get(file);
  const entry = folder.get(file);
  // Equal texts hold equal objects: most files of most runs need not be looked at any further.
  if (want !== undefined && entry?.type === "file" && entry.text === want.text) return AS_IS;
  return verdictOn({
    path: `${set}/${file}`,
    entry,
    own: ownHashes(lock, file),
    ...(want && { wanted: want.hash }),
  });
}

export const AS_IS: Verdict = { type: "asIs" };

/** What a person changed stays listed, so that it stays in the cluster too; what Drop does not know does not. */
function listedFiles(verdicts: ReadonlyMap<string, Verdict>, lock: Lock | undefined): string[] {
  const listed = [...verdicts].filter(([file, { type }]) => {
    if (type === "conflict") return ownHashes(lock, file).length > 0;
    return type === "write" || type === "asIs";
  });
  return listed.map(([file]) => file);
}

/** The kustomization.yaml that lists these files. */
export function listingOf(resources: readonly string[]): WantedFile {
  const object = kustomization(resources);
  return { file: KUSTOMIZATION_NAME, text: yamlText(object), hash: hashOf(object) };
}

function gathered(
  verdicts: ReadonlyMap<string, Verdict>,
  wanted: ReadonlyMap<string, WantedFile>,
  lock: Lock | undefined,
): FilesPlan {
  const writes: WantedFile[] = [];
  const removes: string[] = [];
  const conflicts: Conflict[] = [];
  const before = new Map<string, string>();
  const after = new Map<string, string>();
  for (const [file, verdict] of verdicts) {
    const want = wanted.get(file);
    if (verdict.type === "conflict") {
      conflicts.push(verdict.conflict);
      const [own] = ownHashes(lock, file);
      // Still listed: when the person takes the change back, the file is Drop's again.
      setDefined(before, file, own);
      setDefined(after, file, own);
      continue;
    }
    if (verdict.type === "remove") removes.push(file);
    if (verdict.type === "write" && want) writes.push(want);
    const standing = verdict.type === "asIs" ? want?.hash : standingOf(verdict);
    setDefined(before, file, standing);
    setDefined(after, file, want?.hash);
  }
  return { writes, removes, conflicts, verdicts, before, after };
}

function standingOf(verdict: Verdict): string | undefined {
  return verdict.type === "write" || verdict.type === "remove" ? verdict.standing : undefined;
}

function setDefined(map: Map<string, string>, key: string, value: string | undefined): void {
  if (value !== undefined) map.set(key, value);
}
