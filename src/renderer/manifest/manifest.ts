import { withDefaults } from "../../api/defaults.ts";
import { type ImageReference, imageName } from "../../api/image-reference.ts";
import {
  type ImageOrigin,
  MANAGED_BY_DROP,
  MANAGED_BY_LABEL,
  ORIGIN_LABEL,
  SET_LABEL,
} from "../../api/labels.ts";
import { isRecord, recordOf, type UnknownRecord, valueAt } from "../../api/record.ts";
import { API_VERSION, type CachedImageSetSpec, type Toleration } from "../../api/types.gen.ts";
import { byCodeUnit } from "../canonical.ts";

/** The order of fields in what is written, the same for every object. */
const SPEC_FIELDS = [
  ...["image", "tag", "digest", "imagePullPolicy", "imagePullSecrets", "nodeSelector"],
  ...["tolerations", "policyRef"],
];
const TOLERATION_FIELDS = ["key", "operator", "value", "effect", "tolerationSeconds"] as const;

export interface ManifestInput {
  /** metadata.name of the CachedImage. */
  readonly name: string;
  readonly setName: string;
  readonly set: CachedImageSetSpec;
  /** Canonical: with a tag or a digest, not both. */
  readonly reference: ImageReference;
  readonly origin: ImageOrigin;
}

/**
 * The CachedImage of one image of a set as it is written to Git: every default in place, nothing that differs from run
 * to run, no null and no empty list, so that neither the API server nor a second run changes anything.
 */
export function cachedImageManifest(input: ManifestInput): UnknownRecord {
  const { name, setName, origin } = input;
  const labels = recordOf([
    [MANAGED_BY_LABEL, MANAGED_BY_DROP],
    [SET_LABEL, setName],
    [ORIGIN_LABEL, origin],
  ]);
  return {
    apiVersion: API_VERSION,
    kind: "CachedImage",
    metadata: { name, labels },
    spec: specOf(input),
  };
}

function specOf({ set, reference }: ManifestInput): UnknownRecord {
  const { tag, digest } = reference;
  const written = {
    image: imageName(reference),
    tag,
    digest,
    imagePullPolicy: set.imagePullPolicy,
    imagePullSecrets: set.imagePullSecrets?.map((secret) => ({ name: secret.name })),
    nodeSelector: set.nodeSelector && sortedEntries(set.nodeSelector),
    tolerations: set.tolerations?.map(toleration),
    policyRef: set.policyRef && { name: set.policyRef.name },
  };
  const filled = withDefaults("CachedImage", { spec: withoutEmpty(Object.entries(written)) });
  const spec = isRecord(filled) && isRecord(filled["spec"]) ? filled["spec"] : {};
  const rest = Object.keys(spec).filter((key) => !SPEC_FIELDS.includes(key));
  const order = [...SPEC_FIELDS, ...rest.toSorted(byCodeUnit)];
  return withoutEmpty(order.map((field) => [field, spec[field]]));
}

function toleration(written: Toleration): UnknownRecord {
  return withoutEmpty(TOLERATION_FIELDS.map((field) => [field, written[field]]));
}

function sortedEntries(map: Readonly<Record<string, string>>): UnknownRecord {
  return recordOf(Object.entries(map).toSorted(([a], [b]) => byCodeUnit(a, b)));
}

function withoutEmpty(entries: readonly (readonly [string, unknown])[]): UnknownRecord {
  return recordOf(entries.filter(([, value]) => !isEmpty(value)));
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (Array.isArray(value)) return value.length === 0;
  return isRecord(value) && Object.keys(value).length === 0;
}

/** The image that a CachedImage written by Drop stands for; undefined when the object is none. */
export function imageOfManifest(
  object: unknown,
):
  | { readonly image: string; readonly repository: string; readonly origin: ImageOrigin }
  | undefined {
  const repository = valueAt(object, ["spec", "image"]);
  const tag = valueAt(object, ["spec", "tag"]);
  const digest = valueAt(object, ["spec", "digest"]);
  const origin = valueAt(object, ["metadata", "labels", ORIGIN_LABEL]);
  if (typeof repository !== "string") return undefined;
  const version = typeof digest === "string" ? `@${digest}` : `:${String(tag)}`;
  const image = `${repository}${version}`;
  return { image, repository, origin: origin === "discovered" ? "discovered" : "static" };
}
