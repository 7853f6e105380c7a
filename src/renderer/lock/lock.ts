import type { DiscoveryPolicy } from "../../api/types.gen.ts";
import type { Origin, RememberedImage } from "../../discovery/outcome.ts";
import { byCodeUnit, canonicalJson, hashOf } from "../canonical.ts";

/** The version of the lock's format that this Drop writes; it reads no other. */
export const LOCK_VERSION = 1;

/** What Drop remembers of a set between runs: what was discovered, and which files it wrote. */
export interface Lock {
  /** The DiscoveryPolicy that the set was rendered with; absent for a set without one. */
  readonly policy?: LockedPolicy;
  /** The discovered images, best first. */
  readonly images: readonly LockedImage[];
  /** By name in the folder of the set: the hash of the object that Drop wrote. */
  readonly files: Hashes;
  /** As `files`, of a run that has not ended: what it means to write. Empty once it has. */
  readonly pending: Hashes;
}

export type Hashes = ReadonlyMap<string, string>;

export interface LockedPolicy {
  readonly name: string;
  /** Over everything in its spec that decides which images are found. */
  readonly hash: string;
}

export type LockedImage = Omit<RememberedImage, "score">;

/** Fields of a DiscoveryPolicy that change when it is asked and not what it finds. */
const TIMING_FIELDS: ReadonlySet<string> = new Set(["syncInterval", "interval", "suspend"]);

/** The name and hash by which a lock remembers a policy; pausing it or asking more often does not count as a change. */
export function lockedPolicy({ metadata, spec }: DiscoveryPolicy): LockedPolicy {
  const deciding = Object.entries(spec).filter(([field]) => !TIMING_FIELDS.has(field));
  return { name: metadata.name ?? "", hash: hashOf(Object.fromEntries(deciding)) };
}

/** The images that the lock remembers of a policy, in their order. Scores are not kept in Git, so they are 0. */
export function rememberedImages(
  lock: Lock | undefined,
  policy: string | undefined,
): readonly RememberedImage[] {
  if (lock?.policy === undefined || lock.policy.name !== policy) return [];
  return lock.images.map((image) => ({ ...image, score: 0 }));
}

/** What is worth keeping of a discovered image; its score and rank move all day. */
export function lockedImage({ image, source, part, alsoFrom = [] }: LockedImage): LockedImage {
  const others = alsoFrom.map(originOf).toSorted(byOrigin);
  return { image, source, part, ...(others.length > 0 && { alsoFrom: others }) };
}

/** The lock as a file: JSON with one image or file a line, so that Git merges and shows it well. */
export function lockText({ policy, images, files, pending }: Lock): string {
  const fields = [`  "version": ${LOCK_VERSION}`];
  if (policy) fields.push(`  "policy": ${canonicalJson(policy)}`);
  fields.push(
    `  "images": ${lines(
      "[]",
      images.map((image) => canonicalJson(lockedImage(image))),
    )}`,
  );
  fields.push(`  "files": ${lines("{}", hashLines(files))}`);
  if (pending.size > 0) fields.push(`  "pending": ${lines("{}", hashLines(pending))}`);
  return `{\n${fields.join(",\n")}\n}\n`;
}

/** Whether two locks say the same but for the order of images and of an image's sources, which moves by itself. */
export function isSameLock(a: Lock, b: Lock): boolean {
  if (!isSameHashes(a.files, b.files) || !isSameHashes(a.pending, b.pending)) return false;
  return canonicalJson(unordered(a)) === canonicalJson(unordered(b));
}

/** The hashes that a file may have and still be Drop's own. */
export function ownHashes(lock: Lock | undefined, file: string): readonly string[] {
  const hashes = [lock?.files.get(file), lock?.pending.get(file)];
  return hashes.filter((hash) => hash !== undefined);
}

/** The names of all files that the lock lists, sorted. */
export function lockedFiles(lock: Lock | undefined): readonly string[] {
  if (lock === undefined) return [];
  return [...new Set([...lock.files.keys(), ...lock.pending.keys()])].sort();
}

function isSameHashes(a: Hashes, b: Hashes): boolean {
  if (a.size !== b.size) return false;
  for (const [file, hash] of a) if (b.get(file) !== hash) return false;
  return true;
}

function unordered({ policy, images }: Lock): unknown {
  const texts = images.map(({ image, source, part, alsoFrom = [] }) => {
    const origins = [{ source, part }, ...alsoFrom.map(originOf)].map(canonicalJson);
    return canonicalJson([image, ...origins.toSorted(byCodeUnit)]);
  });
  return [policy, texts.toSorted(byCodeUnit)];
}

function originOf({ source, part }: Origin): Origin {
  return { source, part };
}

function byOrigin(a: Origin, b: Origin): number {
  return byCodeUnit(a.source, b.source) || byCodeUnit(a.part, b.part);
}

function hashLines(hashes: Hashes): readonly string[] {
  const files = [...hashes.keys()].sort();
  return files.map((file) => `${JSON.stringify(file)}: ${JSON.stringify(hashes.get(file))}`);
}

function lines([open, close]: string, items: readonly string[]): string {
  if (items.length === 0) return `${open}${close}`;
  return `${open}\n${items.map((item) => `    ${item}`).join(",\n")}\n  ${close}`;
}
