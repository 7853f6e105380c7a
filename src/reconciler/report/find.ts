import {
  canonicalReference,
  formatReference,
  imageName,
  parseImageReference,
} from "../../api/image-reference.ts";
import { nearest } from "../../api/nearest.ts";
import { faulty, type Parsed, parsed } from "../../api/parsed.ts";
import { shown } from "../../api/printable.ts";
import type { ClusterFacts, ImageFacts, NodeFacts } from "../model/facts.ts";

/** The node of a name. */
export function findNode({ nodes }: Pick<ClusterFacts, "nodes">, name: string): Parsed<NodeFacts> {
  const node = nodes.get(name);
  if (node !== undefined) return parsed(node);
  const near = nearest(name, [...nodes.keys()]);
  const fix = near === undefined ? "see kubectl get nodes" : `did you mean ${near}?`;
  return faulty(`no node is called ${shown(name)}`, fix);
}

/** An image and the CachedImages that want it, by name. */
export interface WantedImage {
  /** Normalised. */
  readonly reference: string;
  readonly wantedBy: readonly ImageFacts[];
}

/** The image that a CachedImage's name or a reference, short ones too, stands for. */
export function findImage(
  { images }: Pick<ClusterFacts, "images">,
  text: string,
): Parsed<WantedImage> {
  const named = images.get(text);
  if (named === undefined) return findReference(images, text);
  if (typeof named.spec !== "string") return parsed(wanted(images, named.spec.reference));
  const what = `the CachedImage ${named.name} cannot be understood: ${named.spec}`;
  return faulty(what, "correct its spec");
}

function findReference(images: ClusterFacts["images"], text: string): Parsed<WantedImage> {
  const reference = parseImageReference(text);
  if (!reference.ok) {
    const what = `no CachedImage is called ${shown(text)}, and as a reference ${reference.fault.what}`;
    return faulty(what, nearText(images, text) ?? reference.fault.fix);
  }
  const name = formatReference(canonicalReference(reference.value));
  const found = wanted(images, name);
  if (found.wantedBy.length > 0) return parsed(found);
  const what = `no CachedImage is called ${shown(text)} or is for ${name}`;
  const others = sameRepository(images, imageName(reference.value));
  const fix = others ?? nearText(images, text) ?? nearText(images, name) ?? "see drop status";
  return faulty(what, fix);
}

function wanted(images: ClusterFacts["images"], reference: string): WantedImage {
  const wantedBy = [...images.values()]
    .filter(({ spec }) => typeof spec !== "string" && spec.reference === reference)
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return { reference, wantedBy };
}

function nearText(images: ClusterFacts["images"], text: string): string | undefined {
  const near = nearest(text, [...images.keys()]) ?? nearest(text, referencesOf(images));
  return near === undefined ? undefined : `did you mean ${near}?`;
}

/** References of one repository that a fault names. */
const REFERENCES_TOLD = 3;

function sameRepository(images: ClusterFacts["images"], repository: string): string | undefined {
  const others = referencesOf(images).filter(
    (reference) => reference.startsWith(`${repository}:`) || reference.startsWith(`${repository}@`),
  );
  const told = [...new Set(others)].sort().slice(0, REFERENCES_TOLD);
  return told.length === 0 ? undefined : `did you mean ${told.join(" or ")}?`;
}

function referencesOf(images: ClusterFacts["images"]): readonly string[] {
  return [...images.values()].flatMap(({ spec }) =>
    typeof spec === "string" ? [] : spec.reference,
  );
}
