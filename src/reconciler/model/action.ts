import type { CachedImageSetStatus, CachedImageStatus } from "../../api/types.gen.ts";
import type { PodRequest } from "./pod.ts";

/** The object that an Event speaks of. */
export interface Regarding {
  readonly kind: "CachedImage" | "CachedImageSet";
  readonly name: string;
  readonly uid: string;
}

/** What is to be done, each exactly one call to the API server. */
export type Action =
  | { readonly type: "CreatePullPod"; readonly request: PodRequest }
  | {
      readonly type: "DeletePullPod";
      readonly name: string;
      /** The Pod of this uid and no other. */
      readonly uid: string;
      /** For the log. */
      readonly why: string;
    }
  | {
      readonly type: "ApplyImageStatus";
      readonly name: string;
      readonly uid: string;
      /** The whole of what the reconciler says; fields left out are withdrawn. */
      readonly status: CachedImageStatus;
    }
  | {
      readonly type: "ApplySetStatus";
      readonly name: string;
      readonly uid: string;
      readonly status: CachedImageSetStatus;
    }
  | {
      readonly type: "Emit";
      readonly regarding: Regarding;
      readonly severity: "Normal" | "Warning";
      readonly reason: string;
      readonly note: string;
    };
