import { withDefaults } from "../../api/defaults.ts";
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
const TOLERATION_FIELDS = ["key", "operator", "value", "effect", "tolerationSeconds"] as const;

/** One child of a set. */
export interface ManifestInput {
  /** metadata.name of the CachedImage. */
  readonly name: string;
  /** `registry/repository`. */
  readonly image: string;
  /** One of these two. */
  readonly tag?: string;
  readonly digest?: string;
  readonly origin: ImageOrigin;
}

/**
 * Makes the CachedImages of a set's images as they are written to Git: every default in place, nothing that differs from
 * run to run, no null and no empty list, so that neither the API server nor a second run changes anything. What they
 * have in common is made once.
 */
export function manifestsOf(
  setName: string,
  set: CachedImageSetSpec,
): (input: ManifestInput) => UnknownRecord {
  const common = commonFields(set);
  return ({ name, image, tag, digest, origin }) => {
    const labels = recordOf([
      [MANAGED_BY_LABEL, MANAGED_BY_DROP],
      [SET_LABEL, setName],
      [ORIGIN_LABEL, origin],
    ]);
    const spec = { image, ...(digest === undefined ? { tag } : { digest }), ...common };
    return { apiVersion: API_VERSION, kind: "CachedImage", metadata: { name, labels }, spec };
  };
}

/** The fields of the spec that all images of a set share, in the order in which they are written. */
function commonFields(set: CachedImageSetSpec): UnknownRecord {
  const written = {
    imagePullPolicy: set.imagePullPolicy,
    imagePullSecrets: set.imagePullSecrets?.map((secret) => ({ name: secret.name })),
    nodeSelector: set.nodeSelector && sortedEntries(set.nodeSelector),
    tolerations: set.tolerations?.map(toleration),
    policyRef: set.policyRef && { name: set.policyRef.name },
  };
  const filled = withDefaults("CachedImage", { spec: withoutEmpty(Object.entries(written)) });
  const spec = isRecord(filled) && isRecord(filled["spec"]) ? filled["spec"] : {};
  const rest = Object.keys(spec).filter((key) => !Object.hasOwn(written, key));
  const order = [...Object.keys(written), ...rest.toSorted(byCodeUnit)];
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
