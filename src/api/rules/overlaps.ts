import { canonicalReference, formatReference, parseImageName } from "../image-reference.ts";
import { SET_LABEL } from "../labels.ts";
import { type FieldPath, type Problem, problemOf } from "../problem.ts";
import { own } from "../record.ts";
import type { CachedImage, CachedImageSet, DropObject } from "../types.gen.ts";

/** A warning about one object in the light of the others. */
export interface ObjectProblem {
  readonly object: DropObject;
  readonly problem: Problem;
}

/** One image that an object wants, and on which nodes. */
interface Claim {
  readonly object: CachedImage | CachedImageSet;
  readonly path: FieldPath;
  readonly set: string;
}

/** Each wish for an image on nodes where an earlier object already puts it. */
export function overlaps(objects: readonly DropObject[]): readonly ObjectProblem[] {
  const claims = new Map<string, Claim[]>();
  return objects.flatMap(claimsOf).flatMap(({ reference, claim }) => {
    const others = claims.get(reference) ?? [];
    claims.set(reference, [...others.slice(-20), claim]);
    const other = others.find((earlier) => overlap(earlier, claim));
    if (other === undefined) return [];
    const name = `${other.object.kind} ${other.object.metadata.name ?? ""}`;
    const what = `${name} already puts ${reference} on nodes that this one selects too`;
    const fix = "remove one of the two, or make their selectors differ";
    const facts = { rule: "DROP2104", home: "objects", path: claim.path } as const;
    const problem = problemOf({ what, fix }, facts);
    return [{ object: claim.object, problem }];
  });
}

function claimsOf(
  object: DropObject,
): readonly { readonly reference: string; readonly claim: Claim }[] {
  if (object.kind !== "CachedImage" && object.kind !== "CachedImageSet") return [];
  const isSet = object.kind === "CachedImageSet";
  const set = isSet ? (object.metadata.name ?? "") : (object.metadata.labels?.[SET_LABEL] ?? "");
  const entries = isSet
    ? (object.spec.images ?? []).map((entry, at) => ({
        entry,
        path: ["spec", "images", at, "image"],
      }))
    : [{ entry: object.spec, path: ["spec", "image"] }];
  return entries.flatMap(({ entry, path }) => {
    const name = parseImageName(entry.image);
    if (!name.ok) return [];
    const { tag, digest } = entry;
    const pinned = digest === undefined ? { ...(tag === undefined ? {} : { tag }) } : { digest };
    const reference = formatReference(canonicalReference({ ...name.value, ...pinned }));
    return [{ reference, claim: { object, path, set } }];
  });
}

/** A set and the CachedImages rendered from it are one wish; selectors that want two values of one label never meet. */
function overlap(a: Claim, b: Claim): boolean {
  if (a.set !== "" && a.set === b.set) return false;
  const [one, two] = [a.object.spec.nodeSelector ?? {}, b.object.spec.nodeSelector ?? {}];
  return Object.entries(one).every(([key, value]) => (own(two, key) ?? value) === value);
}
