import type { PullMethod } from "./pod.ts";

/** What the flags of the reconciler say about decisions. Times are milliseconds. */
export interface DecisionOptions {
  /** Images in one pull Pod, 1 to 10. */
  readonly maxImagesPerPod: number;
  /** One way for every node; undefined: what each node's kubelet and runtime can do. */
  readonly pullMethod: PullMethod | undefined;
  /** Entries that kubelet reports in `node.status.images` at most. */
  readonly nodeStatusMaxImages: number;
  /** The wait after the first eviction; it doubles up to four times this. */
  readonly evictionBackoffMs: number;
}

/** What the flags say about the Pods. */
export interface PodOptions {
  readonly namespace: string;
  /** The image whose `/pause -v` ends at once, for pulls by image volume. */
  readonly pauseImage: string;
  /** The image with a static `/bin/busybox`, for pulls by helper. */
  readonly helperImage: string;
  readonly priorityClassName: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}
