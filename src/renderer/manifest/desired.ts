import {
  canonicalReference,
  formatReference,
  type ImageReference,
  imageName,
  parseImageName,
  parseImageReference,
} from "../../api/image-reference.ts";
import type { ImageOrigin } from "../../api/labels.ts";
import { shown } from "../../api/printable.ts";
import type { CachedImageSet, CachedImageSetSpec, ImageEntry } from "../../api/types.gen.ts";
import type { RankedImage } from "../../discovery/outcome.ts";
import type { Finding } from "../finding.ts";
import { manifestsOf } from "./manifest.ts";
import { type Mould, mould, type Written } from "./mould.ts";
import { childNamesIn } from "./names.ts";

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
  const childOf = childMaker(set);
  function add(reference: ImageReference, image?: RankedImage): void {
    const child = childOf(canonicalReference(reference), image);
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

type MakeChild = (reference: ImageReference, image?: RankedImage) => Child;

/** Makes the children of a set from canonical references. */
function childMaker({ metadata, spec }: CachedImageSet): MakeChild {
  const setName = metadata.name ?? "";
  const namesOf = childNamesIn(setName);
  const write = childWriter(setName, spec);
  return (reference, image) => {
    const origin = image === undefined ? "static" : "discovered";
    const { name, file } = namesOf(reference);
    return {
      name,
      file,
      image: formatReference(reference),
      repository: imageName(reference),
      origin,
      ...(image && { discovered: image }),
      ...write(name, reference, origin),
    };
  };
}

type WriteChild = (name: string, reference: ImageReference, origin: ImageOrigin) => Written;

/** Children of one origin with the same kind of version are cast in one mould. */
function childWriter(setName: string, spec: CachedImageSetSpec): WriteChild {
  const manifestOf = manifestsOf(setName, spec);
  const moulds = new Map<string, Mould>();
  return (name, reference, origin) => {
    const { tag = "", digest } = reference;
    const kind = digest === undefined ? "tag" : "digest";
    const key = `${origin} ${kind}`;
    const cast =
      moulds.get(key) ??
      mould(({ version, ...texts }) => manifestOf({ ...texts, [kind]: version, origin }));
    moulds.set(key, cast);
    return cast({ name, image: imageName(reference), version: digest ?? tag });
  };
}
