// Generated from crds/ by `npm run generate`. Do not edit.

import type { FieldDefault } from "./schema.ts";
import type { Kind } from "./types.gen.ts";

/** The default of each field that has one, parents before children; `*` stands for the items of a list. */
export const DEFAULTS: Readonly<Record<Kind, readonly FieldDefault[]>> = {
  CachedImage: [
    {"path":["spec","imagePullPolicy"],"value":"Always"},
    {"path":["status"],"value":{"observedGeneration":-1}},
  ],
  CachedImageSet: [
    {"path":["spec","imagePullPolicy"],"value":"Always"},
    {"path":["status"],"value":{"observedGeneration":-1}},
  ],
  DiscoveryPolicy: [
    {"path":["spec","sources","*","prometheus","step"],"value":"5m"},
    {"path":["spec","syncInterval"],"value":"30m"},
    {"path":["spec","maxImages"],"value":50},
  ],
  PullPolicy: [
    {"path":["spec"],"value":{}},
    {"path":["spec","maxConcurrentNodes"],"value":1},
    {"path":["spec","minDelayBetweenPulls"],"value":"10s"},
    {"path":["spec","failureBackoff"],"value":{}},
    {"path":["spec","failureBackoff","initial"],"value":"30s"},
    {"path":["spec","failureBackoff","max"],"value":"5m"},
    {"path":["spec","pullTimeout"],"value":"30m"},
  ],
};
