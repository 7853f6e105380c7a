import { isRecord, type UnknownRecord } from "../../api/record.ts";
import { hashOf } from "../canonical.ts";

const API_VERSION = "kustomize.config.k8s.io/v1beta1";

/**
 * The kustomization.yaml of a folder: its files or folders, sorted. Kustomize 5.1 to 5.3 refuse one that says nothing
 * as empty (https://github.com/fluxcd/flux2/issues/4601), so without resources it carries an option without effect.
 */
export function kustomization(resources: Iterable<string>): UnknownRecord {
  const sorted = [...new Set(resources)].sort();
  const head = { apiVersion: API_VERSION, kind: "Kustomization" };
  if (sorted.length > 0) return { ...head, resources: sorted };
  return { ...head, generatorOptions: { disableNameSuffixHash: true }, resources: [] };
}

/** The resources that an object lists, when it is a kustomization that Drop might have written; else undefined. */
export function writtenResources(object: unknown): readonly string[] | undefined {
  const resources = listedResources(object);
  if (resources === undefined) return undefined;
  return hashOf(kustomization(resources)) === hashOf(object) ? resources : undefined;
}

/** The resources that any kustomization lists; undefined when the object is none. */
export function listedResources(object: unknown): readonly string[] | undefined {
  if (!isRecord(object)) return undefined;
  const resources = object["resources"] ?? [];
  if (!Array.isArray(resources)) return undefined;
  return resources.filter((resource) => typeof resource === "string");
}
