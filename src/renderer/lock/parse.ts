import { formatReference, parseImageReference } from "../../api/image-reference.ts";
import { faulty, type Parsed, parsed } from "../../api/parsed.ts";
import { isRecord, own, type UnknownRecord } from "../../api/record.ts";
import type { Origin } from "../../discovery/outcome.ts";
import { IMAGE_FILE_PATTERN, KUSTOMIZATION_NAME } from "../manifest/names.ts";
import {
  type Hashes,
  LOCK_VERSION,
  type Lock,
  type LockedImage,
  type LockedPolicy,
} from "./lock.ts";
import { notAsWritten, readJson } from "./own-json.ts";

/** Far above what any set can have; what is larger is no lock. In UTF-16 code units. */
const MAX_LOCK_LENGTH = 8 * 1024 * 1024;
const MAX_ITEMS = 50_000;
const MAX_TEXT_LENGTH = 1_024;
const HASH = /^[0-9a-f]{64}$/;

const AGAIN = "restore it from Git, or remove it and run drop render again";

/** Reads a `.drop.lock`. Every name and reference in it is checked, since it decides which files may be deleted. */
export function parseLock(text: string): Parsed<Lock> {
  if (text.length > MAX_LOCK_LENGTH) return faulty("it is too large for a lock", AGAIN);
  if (/^(?:<{7}|={7}|>{7})(?: |$)/m.test(text)) {
    return faulty("it holds the conflict marks of a Git merge", AGAIN);
  }
  const value = readJson(text);
  if (!isRecord(value)) return faulty("it is not the JSON that Drop writes", AGAIN);
  const version = own(value, "version");
  if (typeof version === "number" && version > LOCK_VERSION) {
    const what = `it has format version ${version} and this Drop reads up to ${LOCK_VERSION}`;
    return faulty(what, "run the newer Drop that wrote it");
  }
  if (version !== LOCK_VERSION) return broken("version", version);
  return lockOf(value);
}

function lockOf(value: UnknownRecord): Parsed<Lock> {
  const policy = own(value, "policy");
  const lockedPolicy = policyOf(policy);
  if (policy !== undefined && lockedPolicy === undefined) return broken("policy", policy);
  const images = own(value, "images");
  const lockedImages = listOf(images, imageOf);
  if (lockedImages === undefined) return broken("images", images);
  const files = hashesOf(own(value, "files"));
  if (files === undefined) return broken("files", own(value, "files"));
  const pending = hashesOf(own(value, "pending") ?? {});
  if (pending === undefined) return broken("pending", own(value, "pending"));
  return parsed({
    ...(lockedPolicy && { policy: lockedPolicy }),
    images: lockedImages,
    files,
    pending,
  });
}

function broken(field: string, value: unknown): ReturnType<typeof notAsWritten> {
  return notAsWritten(field, value, AGAIN);
}

function policyOf(value: unknown): LockedPolicy | undefined {
  const name = own(value, "name");
  const hash = own(value, "hash");
  return isText(name) && isHash(hash) ? { name, hash } : undefined;
}

function imageOf(value: unknown): LockedImage | undefined {
  const image = referenceOf(own(value, "image"));
  const origin = originOf(value);
  if (image === undefined || origin === undefined) return undefined;
  const others = own(value, "alsoFrom");
  if (others === undefined) return { image, ...origin };
  const alsoFrom = listOf(others, originOf);
  return alsoFrom && { image, ...origin, alsoFrom };
}

/** Only a normalised reference with a tag or a digest: anything else was not written by Drop. */
function referenceOf(value: unknown): string | undefined {
  if (!isText(value)) return undefined;
  const reference = parseImageReference(value);
  if (!reference.ok) return undefined;
  const { tag, digest } = reference.value;
  if (tag === undefined && digest === undefined) return undefined;
  return formatReference(reference.value) === value ? value : undefined;
}

function originOf(value: unknown): Origin | undefined {
  const source = own(value, "source");
  const part = own(value, "part");
  return isText(source) && isText(part) ? { source, part } : undefined;
}

function hashesOf(value: unknown): Hashes | undefined {
  if (!isRecord(value)) return undefined;
  const hashes = new Map<string, string>();
  const entries = Object.entries(value);
  if (entries.length > MAX_ITEMS) return undefined;
  for (const [file, hash] of entries) {
    if (!isOwnFileName(file) || !isHash(hash)) return undefined;
    hashes.set(file, hash);
  }
  return hashes;
}

/** No path, no file of another name: a lock that somebody forged cannot point outside the folder. */
function isOwnFileName(file: string): boolean {
  return file === KUSTOMIZATION_NAME || IMAGE_FILE_PATTERN.test(file);
}

function listOf<T>(value: unknown, itemOf: (item: unknown) => T | undefined): T[] | undefined {
  if (!Array.isArray(value) || value.length > MAX_ITEMS) return undefined;
  const items: T[] = [];
  for (const entry of value) {
    const item = itemOf(entry);
    if (item === undefined) return undefined;
    items.push(item);
  }
  return items;
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value.length <= MAX_TEXT_LENGTH;
}

function isHash(value: unknown): value is string {
  return typeof value === "string" && HASH.test(value);
}
