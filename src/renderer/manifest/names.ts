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

/** What the CachedImage of one image in a set is called, and its file in the folder of the set. */
export interface ChildNames {
  /**
   * A DNS label of at most 63 characters, made of the set's name, the last segment of the repository, the tag or digest,
   * and a hash that keeps similar names apart.
   */
  readonly name: string;
  readonly file: string;
}

/** Gives the names that stand for an image in a set, however its reference is spelt. */
export function childNamesIn(set: string): (reference: ImageReference) => ChildNames {
  const prefix = withDash(cut(slug(set), MAX_SET_LENGTH));
  const most = MAX_LABEL_LENGTH - HASH_LENGTH - 1;
  return (reference) => {
    const canonical = canonicalReference(reference);
    const image = imageSlug(canonical);
    const hash = hexOf(`${set}\n${formatReference(canonical)}`).slice(0, HASH_LENGTH);
    return {
      name: `${prefix}${withDash(cut(image, most - prefix.length))}${hash}`,
      file: `${withDash(cut(image, most))}${hash}.yaml`,
    };
  };
}

function imageSlug({ repository, tag, digest }: ImageReference): string {
  const segment = repository.slice(repository.lastIndexOf("/") + 1);
  const version = digest?.slice(digest.indexOf(":") + 1).slice(0, SHOWN_DIGEST_DIGITS) ?? tag ?? "";
  return slug(`${segment}-${version}`);
}

/** Lower-case words with one dash between them. */
function slug(text: string): string {
  const dashed = text.toLowerCase().replace(/[^a-z0-9]+/g, "-");
  return dashed.slice(dashed.startsWith("-") ? 1 : 0, dashed.endsWith("-") ? -1 : undefined);
}

/** A name that is cut ends in no dash: a DNS label may not. */
function cut(text: string, length: number): string {
  return text.slice(0, text[length - 1] === "-" ? length - 1 : length);
}

function withDash(text: string): string {
  return text === "" ? "" : `${text}-`;
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
