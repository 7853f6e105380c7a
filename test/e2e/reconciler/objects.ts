const apiVersion = "drop.corewire.io/v1alpha1";

/** A CachedImage of a reference such as "host/team/app:1" or "host/team/app@sha256:…"; `spec` over all else. */
export function cachedImage(
  name: string,
  reference: string,
  spec: Readonly<Record<string, unknown>> = {},
): object {
  return {
    apiVersion,
    kind: "CachedImage",
    metadata: { name },
    spec: { ...named(reference), ...spec },
  };
}

function named(reference: string): object {
  const at = reference.indexOf("@");
  if (at >= 0) return { image: reference.slice(0, at), digest: reference.slice(at + 1) };
  const colon = reference.lastIndexOf(":");
  return { image: reference.slice(0, colon), tag: reference.slice(colon + 1) };
}

/** A PullPolicy that hurries, so that tests are short. */
export function pullPolicy(name: string, spec: Readonly<Record<string, unknown>> = {}): object {
  const hurried = {
    maxConcurrentNodes: 10,
    minDelayBetweenPulls: "0",
    failureBackoff: { initial: "1s", max: "3s" },
  };
  return { apiVersion, kind: "PullPolicy", metadata: { name }, spec: { ...hurried, ...spec } };
}

/** A reference to it, as the spec of a CachedImage has it. */
export function under(name: string): { readonly policyRef: { readonly name: string } } {
  return { policyRef: { name } };
}

/** A CachedImageSet of references with tags. */
export function imageSet(name: string, references: readonly string[]): object {
  const images = references.map(named);
  return { apiVersion, kind: "CachedImageSet", metadata: { name }, spec: { images } };
}

/** The CachedImage as the renderer writes it for a set: known by its labels, and owned where a uid is given. */
export function ofSet(set: string, image: object, uid?: string): object {
  const { metadata, ...rest } = { metadata: {}, ...image };
  const labels = {
    "app.kubernetes.io/managed-by": "drop",
    "drop.corewire.io/imageset": set,
    "drop.corewire.io/origin": "static",
  };
  const owner = { apiVersion, kind: "CachedImageSet", name: set, uid };
  const ownerReferences = uid === undefined ? [] : [owner];
  return { ...rest, metadata: { ...metadata, labels, ownerReferences } };
}
