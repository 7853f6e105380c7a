import {
  canonicalReference,
  formatReference,
  type ImageReference,
  parseImageName,
  parseImageReference,
} from "../../api/image-reference.ts";
import type { ImageOrigin } from "../../api/labels.ts";
import { shown } from "../../api/printable.ts";
import type { CachedImageSet, ImageEntry } from "../../api/types.gen.ts";
import type { RankedImage } from "../../discovery/outcome.ts";
import { hashOf } from "../canonical.ts";
import type { Finding } from "../finding.ts";
import { cachedImageManifest } from "./manifest.ts";
import { childFileName, childName } from "./names.ts";
import { yamlText } from "./yaml-text.ts";

/** A CachedImage that a set should have, ready to be written. */
export interface Child {
  /** metadata.name of the CachedImage. */
  readonly name: string;
  /** The name of its file in the folder of the set. */
  readonly file: string;
  /** The normalised reference with tag or digest. */
  readonly image: string;
  /** `registry/repository`, the same for every tag of an image. */
  readonly repository: string;
  readonly origin: ImageOrigin;
  /** Rank and source; absent for a static image, even when it was discovered too. */
  readonly discovered?: RankedImage;
  readonly text: string;
  /** The hash of the object, whatever its formatting. */
  readonly hash: string;
}

export interface Desired {
  /** Static images in the order of the set, then discovered ones by rank. */
  readonly children: readonly Child[];
  /** Images of the set that are no references. */
  readonly mistakes: readonly Finding[];
}

/** What a set should consist of: its static images and the discovered ones, each reference once, static first. */
export function desiredChildren(set: CachedImageSet, discovered: readonly RankedImage[]): Desired {
  const mistakes: Finding[] = [];
  const children = new Map<string, Child>();
  function add(reference: ImageReference, image?: RankedImage): void {
    const child = childOf(set, canonicalReference(reference), image);
    if (!children.has(child.image)) children.set(child.image, child);
  }
  for (const [index, entry] of (set.spec.images ?? []).entries()) {
    const name = parseImageName(entry.image);
    if (name.ok) add({ ...name.value, ...versionOf(entry) });
    else mistakes.push(badEntry(set, index, { ...name.fault, value: entry.image }));
  }
  for (const image of discovered) {
    const reference = parseImageReference(image.image);
    // Ranking and locks hold parsed references only; a text that is none has nothing to pull.
    if (reference.ok) add(reference.value, image);
  }
  return { children: [...children.values()], mistakes };
}

function versionOf({ tag, digest }: ImageEntry): Pick<ImageReference, "tag" | "digest"> {
  return { ...(tag !== undefined && { tag }), ...(digest !== undefined && { digest }) };
}

function badEntry(
  set: CachedImageSet,
  index: number,
  { value, what, fix }: { readonly value: string; readonly what: string; readonly fix: string },
): Finding {
  return {
    subject: `CachedImageSet/${set.metadata.name ?? ""}`,
    field: `spec.images[${index}].image`,
    what: `${shown(value)}: ${what}`,
    fix,
  };
}

function childOf(set: CachedImageSet, reference: ImageReference, image?: RankedImage): Child {
  const setName = set.metadata.name ?? "";
  const origin = image === undefined ? "static" : "discovered";
  const name = childName(setName, reference);
  const object = cachedImageManifest({ name, setName, set: set.spec, reference, origin });
  return {
    name,
    file: childFileName(setName, reference),
    image: formatReference(reference),
    repository: `${reference.registry}/${reference.repository}`,
    origin,
    ...(image && { discovered: image }),
    text: yamlText(object),
    hash: hashOf(object),
  };
}
