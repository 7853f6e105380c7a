/** The image whose `/pause -v` ends at once, for pulls by image volume: a program of some hundred kilobytes. */
export const DEFAULT_PAUSE_IMAGE = "registry.k8s.io/pause:3.10.2";

/** The image with a static `/bin/busybox`, for pulls by helper. */
export const DEFAULT_HELPER_IMAGE = "docker.io/library/busybox:1.37.0-musl";
