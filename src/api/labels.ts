/** On a CachedImage: the name of the set that it was rendered for. */
export const SET_LABEL = "drop.corewire.io/imageset";

/** On a CachedImage: how it came into its set, see `ImageOrigin`. */
export const ORIGIN_LABEL = "drop.corewire.io/origin";

/** What made an object, https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/. */
export const MANAGED_BY_LABEL = "app.kubernetes.io/managed-by";

/** The value of `MANAGED_BY_LABEL` on what Drop renders. */
export const MANAGED_BY_DROP = "drop";

/** How an image came into its set. */
export type ImageOrigin = "static" | "discovered";
