/**
 * Why an image is not on a node, in one word. The list is closed: status, events, metrics and messages use these words
 * and no others.
 */
export const FAILURE_REASONS = [
  ...(["NotFound", "Unauthorized", "Forbidden", "InvalidReference", "PlatformMismatch"] as const),
  ...(["RateLimited", "DNSError", "ConnectionRefused", "TLSError", "Timeout"] as const),
  ...(["DiskPressure", "NodeRejected", "PodEvicted"] as const),
  ...(["PodRejected", "QuotaExceeded"] as const),
  ...(["NotPresent", "Evicted", "Unknown"] as const),
  ...(["PolicyNotFound", "Suspended"] as const),
] as const;

export type FailureReason = (typeof FAILURE_REASONS)[number];

/**
 * What a failure says something about, and so what waits because of it: the image on every node, the image on nodes of
 * one architecture, everything from one registry host, one node, the namespace of the pull Pods, the Pod as it was
 * written, the image on this one node, or the installation (its own tool image cannot be pulled).
 */
export type FailureScope =
  | "image"
  | "platform"
  | "registry"
  | "node"
  | "namespace"
  | "pod"
  | "cell"
  | "installation";

/** One attempt's failure. */
export interface Failure {
  readonly reason: FailureReason;
  readonly scope: FailureScope;
  /** What kubelet, the registry or the API server said: printable, at most 1,024 characters. */
  readonly message: string;
}
