// Generated from crds/ by `npm run generate`. Do not edit.

import type { ObjectMeta } from "./object-meta.ts";

/** The group and version of every kind. */
export const API_VERSION = "drop.corewire.io/v1alpha1";

/** The kinds, by name. */
export const KINDS = ["CachedImage", "CachedImageSet", "DiscoveryPolicy", "PullPolicy"] as const;
export type Kind = (typeof KINDS)[number];

/** What the API server calls each kind in its paths. */
export const PLURALS: Readonly<Record<Kind, string>> = {
  CachedImage: "cachedimages",
  CachedImageSet: "cachedimagesets",
  DiscoveryPolicy: "discoverypolicies",
  PullPolicy: "pullpolicies",
};

/** Any decoded object. */
export type DropObject = CachedImage | CachedImageSet | DiscoveryPolicy | PullPolicy;

export interface ObjectByKind {
  readonly CachedImage: CachedImage;
  readonly CachedImageSet: CachedImageSet;
  readonly DiscoveryPolicy: DiscoveryPolicy;
  readonly PullPolicy: PullPolicy;
}

export interface AuthoredBackoffConfig {
  /** The wait after the first failure. It doubles with each further one. */
  readonly initial?: string;
  /** The longest wait. */
  readonly max?: string;
}

export interface AuthoredCachedImage {
  readonly apiVersion: "drop.corewire.io/v1alpha1";
  readonly kind: "CachedImage";
  readonly metadata: ObjectMeta;
  readonly spec: AuthoredCachedImageSpec;
  readonly status?: CachedImageStatus;
}

export interface AuthoredCachedImageSet {
  readonly apiVersion: "drop.corewire.io/v1alpha1";
  readonly kind: "CachedImageSet";
  readonly metadata: ObjectMeta;
  readonly spec: AuthoredCachedImageSetSpec;
  readonly status?: CachedImageSetStatus;
}

export interface AuthoredCachedImageSetSpec {
  /** The PullPolicy that each CachedImage of the set names. */
  readonly policyRef?: PolicyReference;
  /** The DiscoveryPolicy whose images join the listed ones. */
  readonly discoveryPolicyRef?: DiscoveryPolicyReference;
  /** When kubelet asks the registry, given to each CachedImage. Always compares the digest at each pull, IfNotPresent asks only where the image is missing, Never only looks. */
  readonly imagePullPolicy?: "Always" | "IfNotPresent" | "Never";
  /** Secrets with registry logins, given to each CachedImage. They live in the namespace of the pull Pods (drop-pulls unless told otherwise). */
  readonly imagePullSecrets?: readonly LocalObjectReference[];
  /** Labels that a node must carry, each with exactly this value, given to each CachedImage. Without it every node is selected. */
  readonly nodeSelector?: Readonly<Record<string, string>>;
  /** Taints to put up with, as in a Pod, given to each CachedImage. */
  readonly tolerations?: readonly Toleration[];
  /** Images that belong to the set whatever discovery finds. */
  readonly images?: readonly ImageEntry[];
  /** While true the set is not rendered again. Its CachedImages stay as they are. */
  readonly suspend?: boolean;
}

export interface AuthoredCachedImageSpec {
  /** The image by registry and repository, without a tag or digest, for example docker.io/library/nginx. A short name such as nginx is read as Docker Hub's and earns a warning. */
  readonly image: string;
  /** The tag to pull, for example "1.27". Quote it, since YAML reads 1.10 as a number. Set either tag or digest; with neither, the tag latest is pulled. */
  readonly tag?: string;
  /** The digest to pull, for example sha256: and 64 hexadecimal digits. It names the same content for ever, whatever happens to the tag. */
  readonly digest?: string;
  /** When kubelet asks the registry. Always compares the digest at each pull and downloads only what changed. IfNotPresent asks only where the image is missing. Never pulls nothing and only reports which nodes already hold the image. */
  readonly imagePullPolicy?: "Always" | "IfNotPresent" | "Never";
  /** Secrets with registry logins, by name. They live in the namespace of the pull Pods (drop-pulls unless told otherwise), not beside this cluster-scoped object. */
  readonly imagePullSecrets?: readonly LocalObjectReference[];
  /** Labels that a node must carry, each with exactly this value. Without it every node is selected. A PullPolicy may narrow the choice further. */
  readonly nodeSelector?: Readonly<Record<string, string>>;
  /** Taints to put up with, as in a Pod. A tainted node is left out unless these or the PullPolicy's tolerations cover its taints. */
  readonly tolerations?: readonly Toleration[];
  /** The order in which a node pulls what it lacks, lower first. Left out it counts as 0; equals go by name. */
  readonly priority?: number;
  /** The PullPolicy that paces the pulls. Without one, a default of one node at a time applies. While the named policy does not exist the image waits and says PolicyNotFound. */
  readonly policyRef?: PolicyReference;
  /** While true no pull is started. What is on the nodes stays. */
  readonly suspend?: boolean;
}

export interface AuthoredDiscoveryPolicy {
  readonly apiVersion: "drop.corewire.io/v1alpha1";
  readonly kind: "DiscoveryPolicy";
  readonly metadata: ObjectMeta;
  readonly spec: AuthoredDiscoveryPolicySpec;
  readonly status?: DiscoveryPolicyStatus;
}

export interface AuthoredDiscoveryPolicySpec {
  /** The places to ask. Each is asked on its own, so one that fails does not take the others' images away. */
  readonly sources: readonly AuthoredDiscoverySource[];
  /** Keeps the images whose full reference matches this regular expression, RE2 syntax, unanchored. A leading negative look-ahead, as in "^(?!.*example).*$", is understood; excludeFilter says the same more plainly. */
  readonly imageFilter?: string;
  /** Drops the images whose full reference matches this regular expression, after imageFilter. */
  readonly excludeFilter?: string;
  /** How often to ask the sources. */
  readonly syncInterval?: string;
  /** How many images to keep, best score first. */
  readonly maxImages?: number;
  /** Deprecated: the old name of syncInterval. While set, it is in force. */
  readonly interval?: string;
  /** Deprecated: the old name of maxImages. While set, it is in force. */
  readonly topX?: number;
  /** While true the sources are not asked. The images found so far stay. */
  readonly suspend?: boolean;
}

export interface AuthoredDiscoverySource {
  /** What to call the source in status and in rendered plans. Left out, its type and host serve. */
  readonly name?: string;
  /** What is asked, and so which of the two blocks below is read. */
  readonly type: "prometheus" | "registry";
  /** A query to Prometheus, or to Mimir, Thanos or VictoriaMetrics, which speak its API. */
  readonly prometheus?: AuthoredPrometheusSource;
  /** Tag lists of an OCI registry, newest version first. */
  readonly registry?: RegistrySource;
  /** The Secret with the login or certificates for this source, in Drop's own namespace (drop-system unless told otherwise). Keys: token, or username and password, or .dockerconfigjson, headers.NAME, ca.crt, tls.crt and tls.key. */
  readonly secretRef?: LocalObjectReference;
}

export interface AuthoredPrometheusSource {
  /** The base URL of the API, for example https://mimir.example.com/prometheus. /api/v1/query is added to it. */
  readonly endpoint: string;
  /** A PromQL query whose result carries the label image, for example count(container_memory_working_set_bytes) by (image). Its value is the score: higher ranks first. */
  readonly query: string;
  /** How far back to look, for example 7d. With it the query is run over that time and the samples of each image are added up, so that images rank by total use. Without it the present value counts. */
  readonly lookback?: string;
  /** The time between two samples where lookback is set. A series may have 11,000 samples. */
  readonly step?: string;
}

export interface AuthoredPullPolicy {
  readonly apiVersion: "drop.corewire.io/v1alpha1";
  readonly kind: "PullPolicy";
  readonly metadata: ObjectMeta;
  readonly spec?: AuthoredPullPolicySpec;
}

export interface AuthoredPullPolicySpec {
  /** How many nodes may pull under this policy at the same time. */
  readonly maxConcurrentNodes?: number;
  /** The least time between starting pulls on two different nodes. "0" for none. */
  readonly minDelayBetweenPulls?: string;
  /** How long to wait before a failed pull is tried again on the same node. */
  readonly failureBackoff?: AuthoredBackoffConfig;
  /** How often images are pulled again to pick up a moved tag. Left out or "0", never. */
  readonly repullInterval?: string;
  /** How long one image may take on one node before the attempt counts as failed. */
  readonly pullTimeout?: string;
  /** Narrows the nodes: an image under this policy goes only to nodes that match its own selector and this one. */
  readonly nodeSelector?: Readonly<Record<string, string>>;
  /** Taints to put up with, besides those that the image tolerates itself. */
  readonly tolerations?: readonly Toleration[];
  /** While true no pull is started under this policy. */
  readonly suspend?: boolean;
}

export interface BackoffConfig {
  /** The wait after the first failure. It doubles with each further one. */
  readonly initial: string;
  /** The longest wait. */
  readonly max: string;
}

export interface CachedImage {
  readonly apiVersion: "drop.corewire.io/v1alpha1";
  readonly kind: "CachedImage";
  readonly metadata: ObjectMeta;
  readonly spec: CachedImageSpec;
  readonly status: CachedImageStatus;
}

export interface CachedImageSet {
  readonly apiVersion: "drop.corewire.io/v1alpha1";
  readonly kind: "CachedImageSet";
  readonly metadata: ObjectMeta;
  readonly spec: CachedImageSetSpec;
  readonly status: CachedImageSetStatus;
}

export interface CachedImageSetSpec {
  /** The PullPolicy that each CachedImage of the set names. */
  readonly policyRef?: PolicyReference;
  /** The DiscoveryPolicy whose images join the listed ones. */
  readonly discoveryPolicyRef?: DiscoveryPolicyReference;
  /** When kubelet asks the registry, given to each CachedImage. Always compares the digest at each pull, IfNotPresent asks only where the image is missing, Never only looks. */
  readonly imagePullPolicy: "Always" | "IfNotPresent" | "Never";
  /** Secrets with registry logins, given to each CachedImage. They live in the namespace of the pull Pods (drop-pulls unless told otherwise). */
  readonly imagePullSecrets?: readonly LocalObjectReference[];
  /** Labels that a node must carry, each with exactly this value, given to each CachedImage. Without it every node is selected. */
  readonly nodeSelector?: Readonly<Record<string, string>>;
  /** Taints to put up with, as in a Pod, given to each CachedImage. */
  readonly tolerations?: readonly Toleration[];
  /** Images that belong to the set whatever discovery finds. */
  readonly images?: readonly ImageEntry[];
  /** While true the set is not rendered again. Its CachedImages stay as they are. */
  readonly suspend?: boolean;
}

export interface CachedImageSetStatus {
  /** The metadata.generation that this status speaks of, -1 before the first look. */
  readonly observedGeneration?: number;
  /** The state in one word, for people. Tools read the conditions. */
  readonly phase?: "Pending" | "Pulling" | "Ready" | "Degraded";
  /** How many CachedImages belong to the set. */
  readonly imagesManaged?: number;
  /** How many of those are Ready. */
  readonly imagesReady?: number;
  /** Ready, Rendered, and while they apply Reconciling and Stalled. */
  readonly conditions?: readonly Condition[];
}

export interface CachedImageSpec {
  /** The image by registry and repository, without a tag or digest, for example docker.io/library/nginx. A short name such as nginx is read as Docker Hub's and earns a warning. */
  readonly image: string;
  /** The tag to pull, for example "1.27". Quote it, since YAML reads 1.10 as a number. Set either tag or digest; with neither, the tag latest is pulled. */
  readonly tag?: string;
  /** The digest to pull, for example sha256: and 64 hexadecimal digits. It names the same content for ever, whatever happens to the tag. */
  readonly digest?: string;
  /** When kubelet asks the registry. Always compares the digest at each pull and downloads only what changed. IfNotPresent asks only where the image is missing. Never pulls nothing and only reports which nodes already hold the image. */
  readonly imagePullPolicy: "Always" | "IfNotPresent" | "Never";
  /** Secrets with registry logins, by name. They live in the namespace of the pull Pods (drop-pulls unless told otherwise), not beside this cluster-scoped object. */
  readonly imagePullSecrets?: readonly LocalObjectReference[];
  /** Labels that a node must carry, each with exactly this value. Without it every node is selected. A PullPolicy may narrow the choice further. */
  readonly nodeSelector?: Readonly<Record<string, string>>;
  /** Taints to put up with, as in a Pod. A tainted node is left out unless these or the PullPolicy's tolerations cover its taints. */
  readonly tolerations?: readonly Toleration[];
  /** The order in which a node pulls what it lacks, lower first. Left out it counts as 0; equals go by name. */
  readonly priority?: number;
  /** The PullPolicy that paces the pulls. Without one, a default of one node at a time applies. While the named policy does not exist the image waits and says PolicyNotFound. */
  readonly policyRef?: PolicyReference;
  /** While true no pull is started. What is on the nodes stays. */
  readonly suspend?: boolean;
}

export interface CachedImageStatus {
  /** The metadata.generation that this status speaks of, -1 before the first look. */
  readonly observedGeneration?: number;
  /** The state in one word, for people. Tools read the conditions. */
  readonly phase?: "Pending" | "Pulling" | "Ready" | "Degraded";
  /** Nodes that hold the image out of the nodes that should, for example 3/5. */
  readonly ready?: string;
  /** The full reference that cachedNodes is about. */
  readonly reference?: string;
  /** The digest that the container runtimes report. Where nodes differ, the most common one. */
  readonly resolvedDigest?: string;
  /** How many nodes should hold the image. */
  readonly nodesTargeted?: number;
  /** How many of those hold it. */
  readonly nodesReady?: number;
  /** How many nodes are pulling it right now. */
  readonly nodesPulling?: number;
  /** The nodes that hold the image, by name, sorted. */
  readonly cachedNodes?: readonly string[];
  /** Failed attempts since the last success. */
  readonly consecutiveFailures?: number;
  /** When a pull last succeeded. */
  readonly lastPulledAt?: string;
  /** When a pull was last started. */
  readonly lastAttemptedAt?: string;
  /** When the current work began. Nodes that joined later do not delay the condition Ready. */
  readonly workStartedAt?: string;
  /** When the current round of repeated pulls began. */
  readonly refreshStartedAt?: string;
  /** The last node, by name, up to which the current round is done. */
  readonly refreshedThrough?: string;
  /** Nodes where the last attempt failed, ten at the most. */
  readonly failedNodes?: readonly FailedNode[];
  /** Nodes whose kubelet removed the image to free its disk. */
  readonly evictedNodes?: readonly EvictedNode[];
  /** Ready, PullProgress, and while they apply Reconciling and Stalled, as kstatus, Flux and Argo CD read them. */
  readonly conditions?: readonly Condition[];
}

export interface Condition {
  /** The aspect, for example Ready. */
  readonly type: string;
  /** Whether it holds. */
  readonly status: "True" | "False" | "Unknown";
  /** Why, in one word. */
  readonly reason?: string;
  /** Why, in a sentence. */
  readonly message?: string;
  /** When status last changed. */
  readonly lastTransitionTime?: string;
  /** The metadata.generation that the condition speaks of. */
  readonly observedGeneration?: number;
}

export interface DiscoveredImage {
  /** The full reference, with registry and tag or digest. */
  readonly image: string;
  /** The score from the source, rounded. Higher ranks first. */
  readonly score: number;
  /** The name of the source that found it. */
  readonly source: string;
}

export interface DiscoveryPolicy {
  readonly apiVersion: "drop.corewire.io/v1alpha1";
  readonly kind: "DiscoveryPolicy";
  readonly metadata: ObjectMeta;
  readonly spec: DiscoveryPolicySpec;
  readonly status?: DiscoveryPolicyStatus;
}

export interface DiscoveryPolicyReference {
  /** The name of the DiscoveryPolicy. */
  readonly name: string;
}

export interface DiscoveryPolicySpec {
  /** The places to ask. Each is asked on its own, so one that fails does not take the others' images away. */
  readonly sources: readonly DiscoverySource[];
  /** Keeps the images whose full reference matches this regular expression, RE2 syntax, unanchored. A leading negative look-ahead, as in "^(?!.*example).*$", is understood; excludeFilter says the same more plainly. */
  readonly imageFilter?: string;
  /** Drops the images whose full reference matches this regular expression, after imageFilter. */
  readonly excludeFilter?: string;
  /** How often to ask the sources. */
  readonly syncInterval: string;
  /** How many images to keep, best score first. */
  readonly maxImages: number;
  /** Deprecated: the old name of syncInterval. While set, it is in force. */
  readonly interval?: string;
  /** Deprecated: the old name of maxImages. While set, it is in force. */
  readonly topX?: number;
  /** While true the sources are not asked. The images found so far stay. */
  readonly suspend?: boolean;
}

export interface DiscoveryPolicyStatus {
  /** The metadata.generation that this status speaks of. */
  readonly observedGeneration?: number;
  /** When every source last answered in full. */
  readonly lastSyncTime?: string;
  /** The images found, best first. */
  readonly discoveredImages?: readonly DiscoveredImage[];
  /** How many images were found. */
  readonly imageCount?: number;
  /** How many sources are configured. */
  readonly sourceCount?: number;
  /** How each source answered last. */
  readonly sources?: readonly SourceStatus[];
  /** Ready and SourceHealthy. */
  readonly conditions?: readonly Condition[];
}

export interface DiscoverySource {
  /** What to call the source in status and in rendered plans. Left out, its type and host serve. */
  readonly name?: string;
  /** What is asked, and so which of the two blocks below is read. */
  readonly type: "prometheus" | "registry";
  /** A query to Prometheus, or to Mimir, Thanos or VictoriaMetrics, which speak its API. */
  readonly prometheus?: PrometheusSource;
  /** Tag lists of an OCI registry, newest version first. */
  readonly registry?: RegistrySource;
  /** The Secret with the login or certificates for this source, in Drop's own namespace (drop-system unless told otherwise). Keys: token, or username and password, or .dockerconfigjson, headers.NAME, ca.crt, tls.crt and tls.key. */
  readonly secretRef?: LocalObjectReference;
}

export interface EvictedNode {
  /** The name of the node. */
  readonly node: string;
  /** How often the image was removed there. */
  readonly count?: number;
  /** When the image is pulled there again. */
  readonly nextAttemptTime?: string;
}

export interface FailedNode {
  /** The name of the node. */
  readonly node: string;
  /** The failure in one word, for example NotFound or Unauthorized. */
  readonly reason?: string;
  /** What kubelet or the registry said. */
  readonly message?: string;
  /** Attempts since the last success on this node. */
  readonly attempts?: number;
  /** When the node is tried again. */
  readonly nextAttemptTime?: string;
}

export interface ImageEntry {
  /** The image by registry and repository, without a tag or digest, for example docker.io/library/nginx. A short name such as nginx is read as Docker Hub's and earns a warning. */
  readonly image: string;
  /** The tag to pull, for example "1.27". Quote it, since YAML reads 1.10 as a number. Set either tag or digest; with neither, the tag latest is pulled. */
  readonly tag?: string;
  /** The digest to pull, for example sha256: and 64 hexadecimal digits. It names the same content for ever, whatever happens to the tag. */
  readonly digest?: string;
}

export interface LocalObjectReference {
  /** The name of the Secret. */
  readonly name: string;
}

export interface PolicyReference {
  /** The name of the PullPolicy. */
  readonly name: string;
}

export interface PrometheusSource {
  /** The base URL of the API, for example https://mimir.example.com/prometheus. /api/v1/query is added to it. */
  readonly endpoint: string;
  /** A PromQL query whose result carries the label image, for example count(container_memory_working_set_bytes) by (image). Its value is the score: higher ranks first. */
  readonly query: string;
  /** How far back to look, for example 7d. With it the query is run over that time and the samples of each image are added up, so that images rank by total use. Without it the present value counts. */
  readonly lookback?: string;
  /** The time between two samples where lookback is set. A series may have 11,000 samples. */
  readonly step: string;
}

export interface PullPolicy {
  readonly apiVersion: "drop.corewire.io/v1alpha1";
  readonly kind: "PullPolicy";
  readonly metadata: ObjectMeta;
  readonly spec: PullPolicySpec;
}

export interface PullPolicySpec {
  /** How many nodes may pull under this policy at the same time. */
  readonly maxConcurrentNodes: number;
  /** The least time between starting pulls on two different nodes. "0" for none. */
  readonly minDelayBetweenPulls: string;
  /** How long to wait before a failed pull is tried again on the same node. */
  readonly failureBackoff: BackoffConfig;
  /** How often images are pulled again to pick up a moved tag. Left out or "0", never. */
  readonly repullInterval?: string;
  /** How long one image may take on one node before the attempt counts as failed. */
  readonly pullTimeout: string;
  /** Narrows the nodes: an image under this policy goes only to nodes that match its own selector and this one. */
  readonly nodeSelector?: Readonly<Record<string, string>>;
  /** Taints to put up with, besides those that the image tolerates itself. */
  readonly tolerations?: readonly Toleration[];
  /** While true no pull is started under this policy. */
  readonly suspend?: boolean;
}

export interface RegistrySource {
  /** The base URL of the registry, for example https://registry.gitlab.com. */
  readonly url: string;
  /** The repositories whose tags are listed, for example library/nginx. Each is asked on its own. */
  readonly repositories: readonly string[];
  /** Keeps the tags that match this regular expression, for example "^v\d+\.\d+\.\d+$". RE2 syntax, unanchored. */
  readonly tagFilter?: string;
  /** How many tags to keep of each repository, newest version first. Left out, all that match. */
  readonly topX?: number;
  /** Makes the image reference out of .Registry, .Repository and .Tag, as a Go text/template, for example "{{ .Registry }}/{{ .Repository }}:x86_64-{{ .Tag }}". Left out, "{{ .Registry }}/{{ .Repository }}:{{ .Tag }}". */
  readonly imageTemplate?: string;
}

export interface SourceStatus {
  /** The name of the source. */
  readonly name: string;
  /** Whether it answered in full. */
  readonly healthy?: boolean;
  /** When it last answered in full. */
  readonly lastSuccessTime?: string;
  /** How many images it offered. */
  readonly imageCount?: number;
  /** The failure in one word. */
  readonly reason?: string;
  /** The failure in a sentence. */
  readonly message?: string;
}

export interface Toleration {
  /** The key of the taint. Empty, with operator Exists, means every taint. */
  readonly key?: string;
  /** Equal (as when left out) compares the value, Exists ignores it. */
  readonly operator?: "" | "Exists" | "Equal";
  /** The value of the taint, for operator Equal. */
  readonly value?: string;
  /** The effect of the taint. Left out, every effect. */
  readonly effect?: "" | "NoSchedule" | "PreferNoSchedule" | "NoExecute";
  /** Accepted so that tolerations can be copied from a Pod, with effect NoExecute only. Pulls are short, so it changes nothing. */
  readonly tolerationSeconds?: number;
}
