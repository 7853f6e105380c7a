import { type ImageName, namesRegistry, parseName, textFault } from "./image-name.ts";
import { type Fault, faulty, type Parsed, parsed } from "./parsed.ts";

/** One image in a registry, normalised: `nginx` is registry `docker.io`, repository `library/nginx`. */
export interface ImageReference extends ImageName {
  readonly tag?: string;
  /** `algorithm:hex`, such as `sha256:` and 64 lower-case hexadecimal digits. */
  readonly digest?: string;
}

/** The tag that stands in for none at all; nothing else in Drop decides this. */
export const DEFAULT_TAG = "latest";

/** RE2 and JavaScript regular expression with the same verdict as `parseTag`. */
export const TAG_PATTERN = "^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$";

/** RE2 and JavaScript regular expression with the same verdict as `parseDigest`. */
export const DIGEST_PATTERN = "^(sha256:[a-f0-9]{64}|sha384:[a-f0-9]{96}|sha512:[a-f0-9]{128})$";

const TAG = new RegExp(TAG_PATTERN);
const DIGEST = new RegExp(DIGEST_PATTERN);
const MAX_TAG_LENGTH = 128;
const DIGEST_LENGTHS: ReadonlyMap<string, number> = new Map([
  ["sha256", 64],
  ["sha384", 96],
  ["sha512", 128],
]);
/**
 * Reads `[registry/]repository[:tag][@digest]`, the grammar of github.com/distribution/reference, and normalises the
 * name; a tag and a digest that are both there are both kept, and none is invented.
 */
export function parseImageReference(text: string): Parsed<ImageReference> {
  const fault = textFault(text);
  if (fault !== undefined) return { ok: false, fault };
  const { name, tag, digest } = split(text);
  if (name === "") {
    return faulty(
      "the repository is missing",
      'write it in front, as in "docker.io/library/nginx"',
      0,
    );
  }
  const parsedName = parseName(name);
  if (!parsedName.ok) return parsedName;
  const parsedTag = tag === undefined ? undefined : parseTag(tag.text);
  if (parsedTag?.ok === false) return moved(parsedTag.fault, tag?.at);
  const parsedDigest = digest === undefined ? undefined : parseDigest(digest.text);
  if (parsedDigest?.ok === false) return moved(parsedDigest.fault, digest?.at);
  return parsed({
    ...parsedName.value,
    ...(parsedTag && { tag: parsedTag.value }),
    ...(parsedDigest && { digest: parsedDigest.value }),
  });
}

/** Reads the field `image`, a name without tag and digest; one that carries them is told the fields to write. */
export function parseImageName(text: string): Parsed<ImageReference> {
  if (/[^:@]:@?$|[^:]@$/.test(text)) {
    return faulty('the name ends in ":" or "@"', "leave it out", text.length - 1);
  }
  const reference = parseImageReference(text);
  if (!reference.ok) return reference;
  const { tag, digest } = reference.value;
  const image = JSON.stringify(imageName(reference.value));
  if (digest !== undefined) {
    const without =
      tag === undefined ? "" : `, and drop the tag "${tag}", which a digest makes void`;
    return faulty(
      "the name carries a digest, which has a field of its own",
      `move the digest out: image ${image}, digest "${digest}"${without}`,
      text.indexOf("@"),
    );
  }
  if (tag === undefined) return reference;
  return faulty(
    "the name carries a tag, which has a field of its own",
    `move the tag out: image ${image}, tag "${tag}"${portHint(text, tag)}`,
    text.lastIndexOf(":"),
  );
}

function portHint(text: string, tag: string): string {
  if (text.includes("/") || !/^[0-9]{2,5}$/.test(tag)) return "";
  return `; if ${tag} is a registry's port, write the repository after it: "${text}/<repository>"`;
}

/** Whether a valid reference names its registry, rather than leaving Docker Hub to be understood. */
export function isFullyQualified(text: string): boolean {
  const slash = text.indexOf("/");
  return slash !== -1 && namesRegistry(text.slice(0, slash));
}

/** `registry/repository`, the value of the field `image`. */
export function imageName({ registry, repository }: ImageName): string {
  return `${registry}/${repository}`;
}

/** `registry/repository@digest` when there is a digest, else with `:tag` when there is one, else the bare name. */
export function formatReference(reference: ImageReference): string {
  const { tag, digest } = reference;
  if (digest !== undefined) return `${imageName(reference)}@${digest}`;
  return tag === undefined ? imageName(reference) : `${imageName(reference)}:${tag}`;
}

/** The reference that is pulled: a digest makes the tag void, and without either the tag is `DEFAULT_TAG`. */
export function canonicalReference(reference: ImageReference): ImageReference {
  const { registry, repository, tag, digest } = reference;
  if (digest !== undefined) return { registry, repository, digest };
  return { registry, repository, tag: tag ?? DEFAULT_TAG };
}

/** Reads a tag, the part after the colon: at most 128 characters. */
export function parseTag(text: string): Parsed<string> {
  if (TAG.test(text)) return parsed(text);
  if (text === "")
    return faulty("the tag is empty", 'write one, such as "1.27", or leave it out', 0);
  if (text.startsWith(":")) return faulty('the tag begins with ":"', 'leave the ":" out', 0);
  const at = text.indexOf("@");
  if (at !== -1) return faulty("a digest follows the tag", "write the digest alone, as digest", at);
  if (text.length > MAX_TAG_LENGTH) {
    const what = `the tag has ${text.length} characters, more than ${MAX_TAG_LENGTH}`;
    return faulty(what, "write a tag that the registry has");
  }
  const strange = /[^A-Za-z0-9_.-]/.exec(text)?.index ?? 0;
  const character = JSON.stringify(String.fromCodePoint(text.codePointAt(strange) ?? 0));
  const what = `a tag cannot ${strange === 0 ? "begin with" : "contain"} ${character}`;
  return faulty(what, 'use letters, digits and "_", and after the first also "." and "-"', strange);
}

/** Reads a digest: sha256, sha384 or sha512, a colon, and lower-case hexadecimal digits in full. */
export function parseDigest(text: string): Parsed<string> {
  if (DIGEST.test(text)) return parsed(text);
  const example = 'write one such as "sha256:" and 64 hexadecimal digits';
  if (text === "") return faulty("the digest is empty", `${example}, or leave it out`, 0);
  if (text.startsWith("@")) return faulty('the digest begins with "@"', 'leave the "@" out', 0);
  const colon = text.indexOf(":");
  if (colon === -1) {
    const bare = /^[a-f0-9]{64}$/.test(text) ? `write "sha256:${text}"` : example;
    return faulty("the digest does not name its algorithm", bare, 0);
  }
  const length = DIGEST_LENGTHS.get(text.slice(0, colon));
  if (length === undefined) {
    return faulty("the digest's algorithm is not sha256, sha384 or sha512", example, 0);
  }
  const hex = text.slice(colon + 1);
  const strange = /[^a-f0-9]/.exec(hex)?.index;
  if (strange !== undefined) {
    const what = "a digest is written in lower-case hexadecimal digits";
    return faulty(what, "use 0-9 and a-f alone", colon + 1 + strange);
  }
  const what = `the digest has ${hex.length} digits where its algorithm has ${length}`;
  return faulty(what, "copy the whole digest, none of it cut off");
}

interface Part {
  readonly text: string;
  readonly at: number;
}

function split(text: string): { name: string; tag: Part | undefined; digest: Part | undefined } {
  const at = text.indexOf("@");
  const named = at === -1 ? text : text.slice(0, at);
  const colon = named.indexOf(":", named.lastIndexOf("/") + 1);
  return {
    name: colon === -1 ? named : named.slice(0, colon),
    tag: colon === -1 ? undefined : { text: named.slice(colon + 1), at: colon + 1 },
    digest: at === -1 ? undefined : { text: text.slice(at + 1), at: at + 1 },
  };
}

function moved(fault: Fault, by = 0): { readonly ok: false; readonly fault: Fault } {
  return faulty(fault.what, fault.fix, (fault.offset ?? 0) + by);
}
