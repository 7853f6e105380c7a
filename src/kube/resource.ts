import { API_VERSION, type Kind, PLURALS } from "../api/types.gen.ts";
import { KubeError } from "./kube-error.ts";

/** A kind of object and what the API server calls it in its paths. */
export interface Resource {
  /** `v1`, or group and version. */
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
}

/** The objects of one kind: those of a namespace, or without one all of the cluster. */
export interface Collection {
  readonly resource: Resource;
  readonly namespace?: string;
}

/** One object. */
export interface ObjectRef extends Collection {
  readonly name: string;
}

export const NODES: Resource = { apiVersion: "v1", kind: "Node", plural: "nodes" };
export const PODS: Resource = { apiVersion: "v1", kind: "Pod", plural: "pods" };
export const LEASES: Resource = {
  apiVersion: "coordination.k8s.io/v1",
  kind: "Lease",
  plural: "leases",
};
export const EVENTS: Resource = {
  apiVersion: "events.k8s.io/v1",
  kind: "Event",
  plural: "events",
};

/** One of Drop's own kinds. */
export function dropResource(kind: Kind): Resource {
  return { apiVersion: API_VERSION, kind, plural: PLURALS[kind] };
}

/** The path below the API server's address; a name is always one segment of it, whatever it holds. */
export function pathOf(of: Collection | ObjectRef, subresource?: "status"): string {
  const { resource, namespace } = of;
  const { apiVersion, plural } = resource;
  const segments = [
    ...(apiVersion.includes("/") ? ["apis", ...apiVersion.split("/")] : ["api", apiVersion]),
    ...(namespace === undefined ? [] : ["namespaces", namespace]),
    plural,
    ...("name" in of ? [of.name] : []),
    ...(subresource === undefined ? [] : [subresource]),
  ];
  return `/${segments.map(segment).join("/")}`;
}

/** Dots are how a path climbs, and no object can be called so. */
function segment(text: string): string {
  if (!["", ".", ".."].includes(text)) return encodeURIComponent(text);
  const message = `no object of Kubernetes can have the name "${text}"`;
  throw new KubeError("Refused", { message, fix: "write its whole name" });
}

/** How messages call it: `the Pod a in drop-pulls`, `nodes`. */
export function nameOf(of: Collection | ObjectRef): string {
  const where = of.namespace === undefined ? "" : ` in ${of.namespace}`;
  return "name" in of
    ? `the ${of.resource.kind} ${of.name}${where}`
    : `${of.resource.plural}${where}`;
}
