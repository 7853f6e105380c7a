import { parseImageReference } from "../../api/image-reference.ts";

/** How much of a message's beginning and end is read; the cause usually stands at the end. */
const READ_AT_EACH_END = 4_096;

/** A message cut to what is read of it. */
export function bounded(message: string): string {
  if (message.length <= 2 * READ_AT_EACH_END) return message;
  return `${message.slice(0, READ_AT_EACH_END)} … ${message.slice(-READ_AT_EACH_END)}`;
}

/** What kubelet writes before the words of the attempt that it waits after. */
const BACK_OFF = /^Back-off pulling image "[^"]*": (?:[A-Za-z]+: )?(?=.)/;
/** What gRPC writes before the words of the runtime. */
const RPC = /^rpc error: code = [A-Za-z]+ desc = (?=.)/;
const URL = /(https?:\/\/)(?:[^\s"'/@]*@)?([^\s"'?#]*)[^\s"']*/g;

/**
 * The message as people read it: the same for an attempt and the waiting after it, and without the logins and queries
 * of URLs, which may be secrets such as those of signed downloads.
 */
export function causeIn(message: string): string {
  const cause = bounded(message).replace(BACK_OFF, "").replace(RPC, "");
  return cause.replaceAll(URL, "$1$2");
}

/**
 * The words of a message in lower case, without the names of images and paths of URLs in it: a repository called
 * `acme/x509-unauthorized` says nothing about what went wrong.
 */
export function wordsOf(message: string, images: readonly string[]): string {
  let words = bounded(message).toLowerCase().replaceAll(URL, "url");
  for (const name of images.flatMap(spellingsOf)) words = words.replaceAll(name, "image");
  // Some write the tag apart from the repository.
  return words.replaceAll(APART, "manifest");
}

const APART = /\breading manifest \S+ in\b|\[manifests [^\]\s]*\]|\bfailed to fetch "[^"\s]*"/g;

/** Whether a message names an image, whole and not as the beginning of another's name. */
export function names(message: string, image: string): boolean {
  const text = bounded(message);
  return wholeSpellings(image).some((spelling) => standsAlone(text, spelling));
}

function standsAlone(text: string, name: string): boolean {
  for (let at = text.indexOf(name); at !== -1; at = text.indexOf(name, at + 1)) {
    const after = text.slice(at + name.length, at + name.length + 2);
    const before = text.slice(Math.max(0, at - 1), at);
    if (!/^[A-Za-z0-9_@/-]|^[.:][A-Za-z0-9]/.test(after) && !/[A-Za-z0-9_.-]/.test(before)) {
      return true;
    }
  }
  return false;
}

/** The longest first, so that a name is not cut out of the middle of a longer one. */
function spellingsOf(image: string): readonly string[] {
  const reference = parseImageReference(image);
  if (!reference.ok) return image === "" ? [] : [image.toLowerCase()];
  const { registry, repository } = reference.value;
  const names = [...wholeSpellings(image), `${registry}/${repository}`];
  // A single word might be one of the message's own.
  if (repository.includes("/")) names.push(repository);
  return names.map((name) => name.toLowerCase());
}

/** As it was written, and as runtimes write it. */
function wholeSpellings(image: string): readonly string[] {
  const reference = parseImageReference(image);
  if (!reference.ok) return image === "" ? [] : [image];
  const { registry, repository, tag, digest } = reference.value;
  const name = `${registry}/${repository}`;
  const spellings = [image];
  if (tag !== undefined && digest !== undefined) spellings.push(`${name}:${tag}@${digest}`);
  if (digest !== undefined) spellings.push(`${name}@${digest}`);
  if (tag !== undefined) spellings.push(`${name}:${tag}`);
  if (tag === undefined && digest === undefined) spellings.push(`${name}:latest`);
  return spellings;
}
