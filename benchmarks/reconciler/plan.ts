/** How much is measured. */
export interface Plan {
  readonly nodes: number;
  readonly images: number;
  readonly maxConcurrentNodes: number;
  /** What all the pulls of one Pod take together, milliseconds. */
  readonly pullMs: number;
  readonly idleMinutes: number;
}

/** Images in one pull Pod, Drop's default. */
export const IMAGES_PER_POD = 10;

/** Pods that each node needs. */
export function podsPerNode({ images }: Plan): number {
  return Math.ceil(images / IMAGES_PER_POD);
}

/**
 * No order of pulls can be faster, milliseconds: at most so many nodes at once, each with one Pod after the other, and
 * nothing between two Pods.
 */
export function boundMs(plan: Plan): number {
  const pods = plan.nodes * podsPerNode(plan);
  // A node's Pods follow each other, so that a few nodes with many Pods cannot be shared out among the others' places.
  return Math.max(Math.ceil(pods / plan.maxConcurrentNodes), podsPerNode(plan)) * plan.pullMs;
}
