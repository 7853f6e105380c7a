import {
  canonicalReference,
  formatReference,
  type ImageReference,
} from "../../api/image-reference.ts";
import { hexOf } from "../canonical.ts";

const MAX_LABEL_LENGTH = 63;
const MAX_SET_LENGTH = 40;
const HASH_LENGTH = 8;
const SHOWN_DIGEST_DIGITS = 12;

/** Per folder of a set: what Drop wrote there and remembers. JSON, without an extension that GitOps tools read. */
export const LOCK_NAME = ".drop.lock";

export const KUSTOMIZATION_NAME = "kustomization.yaml";

/** The names that Drop gives to files of images, and no others; `kustomization.yaml` is not among them. */
export const IMAGE_FILE_PATTERN = /^(?:[a-z0-9]+(?:-[a-z0-9]+)*-)?[0-9a-f]{8}\.yaml$/;

/**
 * The name of the CachedImage that stands for an image in a set: a DNS label of at most 63 characters, made of the
 * set's name, the last segment of the repository, the tag or digest, and a hash that keeps similar names apart.
 */
export function childName(set: string, reference: ImageReference): string {
  const prefix = cut(slug(set), MAX_SET_LENGTH);
  const room = MAX_LABEL_LENGTH - HASH_LENGTH - 1 - (prefix === "" ? 0 : prefix.length + 1);
  return joined([prefix, cut(imageSlug(reference), room), hash8(set, reference)]);
}

/** The name of the file of that CachedImage, in the folder of its set. */
export function childFileName(set: string, reference: ImageReference): string {
  const room = MAX_LABEL_LENGTH - HASH_LENGTH - 1;
  return `${joined([cut(imageSlug(reference), room), hash8(set, reference)])}.yaml`;
}

function hash8(set: string, reference: ImageReference): string {
  const text = formatReference(canonicalReference(reference));
  return hexOf(`${set}\n${text}`).slice(0, HASH_LENGTH);
}

function imageSlug(reference: ImageReference): string {
  const { repository, tag, digest } = canonicalReference(reference);
  const segment = repository.slice(repository.lastIndexOf("/") + 1);
  const version = digest?.slice(digest.indexOf(":") + 1).slice(0, SHOWN_DIGEST_DIGITS) ?? tag ?? "";
  return joined([slug(segment), slug(version)]);
}

function slug(text: string): string {
  const words = text.toLowerCase().split(/[^a-z0-9]+/);
  return joined(words);
}

/** A name that is cut ends in no dash: a DNS label may not. */
function cut(text: string, length: number): string {
  return joined(text.slice(0, length).split("-"));
}

function joined(parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join("-");
}

const SET_NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Whether a text can be the name of a set, and so of a folder: a DNS label, which has no dot and no slash. */
export function isSetName(text: string): boolean {
  return SET_NAME.test(text);
}

/** Whether a file in the folder of a set has a name that Drop gives. */
export function isOwnName(file: string): boolean {
  return file === LOCK_NAME || file === KUSTOMIZATION_NAME || IMAGE_FILE_PATTERN.test(file);
}

const BEFORE = ".drop-";
const AFTER = ".tmp";

/** The name under which a file is written before it takes its place; it is no YAML file to GitOps tools. */
export function temporaryName(file: string): string {
  return `${BEFORE}${file}${AFTER}`;
}

/** Whether a file is what an interrupted run left of its writing. */
export function isLeftover(file: string): boolean {
  const isTemporary = file.startsWith(BEFORE) && file.endsWith(AFTER);
  return isTemporary && isOwnName(file.slice(BEFORE.length, -AFTER.length));
}
