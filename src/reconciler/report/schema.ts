import type { Schema } from "../../api/schema.ts";
import {
  CELL_STATE,
  choice,
  count,
  EXCLUSION,
  FAILURE,
  flag,
  HEAD,
  HOLD_CAUSE,
  HOLDS,
  listOf,
  mapping,
  PHASE,
  POLICY,
  RUNNING,
  text,
  time,
} from "./schema-parts.ts";

const READY = mapping("The condition Ready.", {
  isReady: flag("Whether it holds."),
  reason: text("Why, in one word."),
  message: text("Why, in a sentence."),
  "since?": time("When isReady last changed."),
});

const SET = mapping("A CachedImageSet.", {
  name: text("Its name."),
  phase: PHASE,
  ready: READY,
  imagesManaged: count("CachedImages that belong to it."),
  imagesReady: count("Those of them that are ready."),
});

const NODE_ROW = mapping("One node's share in an image.", {
  node: text("The node's name."),
  state: CELL_STATE,
  "exclusion?": EXCLUSION,
  "since?": time("Since when it is there, or is being pulled; else when it was lost."),
  "isVerified?": flag("The node's own list of images confirms it."),
  "nextAttemptTime?": time("When it is tried again there."),
  "failure?": FAILURE,
});

const FAILED_NODE = mapping("A node where the last attempt failed, as in the status.", {
  node: text("The node's name."),
  "reason?": text("The failure in one word."),
  "message?": text("What kubelet or the registry said."),
  "attempts?": count("Attempts since the last success."),
  "nextAttemptTime?": time("When it is tried again."),
});

const EVICTED_NODE = mapping("A node whose kubelet removed the image, as in the status.", {
  node: text("The node's name."),
  "count?": count("How often."),
  "nextAttemptTime?": time("When it is pulled again."),
});

const IMAGE = mapping("A CachedImage.", {
  name: text("Its name."),
  "reference?": text("Normalised; absent where the spec cannot be understood."),
  "set?": text("The set that it belongs to."),
  "policy?": text("The PullPolicy that it names."),
  "digest?": text("The digest that most nodes report."),
  phase: PHASE,
  ready: READY,
  nodesTargeted: count("Nodes that should hold it."),
  nodesReady: count("Those of them that do."),
  nodesPulling: count("Those that pull it now."),
  "nodesWaiting?": count("Those that wait for their turn."),
  "nodesBackingOff?": count("Those that wait after a failure or eviction."),
  "nodesUnverified?": count("Holders whose list of images is cut short."),
  running: listOf("The pulls that run now, by node.", RUNNING),
  "nextAttemptTime?": time("When some node is tried next."),
  "hold?": HOLD_CAUSE,
  consecutiveFailures: count("Failed attempts since the last success."),
  failedNodes: listOf("At most ten.", FAILED_NODE),
  evictedNodes: listOf("At most two hundred.", EVICTED_NODE),
  "lastPulledTime?": time("When a pull last succeeded."),
  "lastAttemptedTime?": time("When a pull was last started."),
  "nodes?": listOf("Node by node; only where one image was asked for.", NODE_ROW),
});

const LEFT_OUT = mapping("Nodes that images would go to but for the nodes' own state.", {
  reason: EXCLUSION,
  count: count("How many."),
  nodes: listOf("The first ten by name.", text("A node.")),
});

const VERSIONING = "Fields may be added within a version: pass over those that you do not know.";

/** `drop status -o json`, also what the reconciler's health port serves at /status. */
export const STATUS_SCHEMA: Schema = mapping(`How everything stands. ${VERSIONING}`, {
  ...HEAD,
  sets: listOf("By name.", SET),
  images: listOf("By name.", IMAGE),
  policies: listOf("By name.", POLICY),
  leftOut: listOf("Nodes left out for a reason of their own, by reason.", LEFT_OUT),
  holds: HOLDS,
});

const WANT = mapping("A CachedImage that names the image.", {
  image: text("Its name."),
  "set?": text("The set that it belongs to."),
  imagePullPolicy: choice("When kubelet asks the registry.", ["Always", "IfNotPresent", "Never"]),
  "exclusion?": EXCLUSION,
  "pause?": choice("Why nothing is pulled for it although nothing failed.", [
    ...["PolicyNotFound", "Suspended"],
  ]),
  "policy?": POLICY,
});

/** `drop why -o json`, also what the reconciler's health port serves at /why. */
export const WHY_SCHEMA: Schema = mapping(`Why an image is, or is not, on a node. ${VERSIONING}`, {
  ...HEAD,
  node: text("The node's name."),
  reference: text("The image, normalised."),
  state: CELL_STATE,
  wantedBy: listOf("The CachedImages that name it, by name.", WANT),
  isPresent: flag("It is there, as far as is known."),
  isVerified: flag("The node's own list of images confirms or denies it."),
  "since?": time("Since when it is there."),
  "lostTime?": time("When it was found missing after having been there."),
  evictions: count("How often kubelet removed it."),
  "failure?": FAILURE,
  "nextAttemptTime?": time("When it is tried again."),
  "running?": RUNNING,
  "busyWith?": text("What the node pulls instead."),
  holds: HOLDS,
});

/** What is served in place of either where a question has no answer. */
export const FAULT_SCHEMA: Schema = mapping("A question that has no answer.", {
  version: HEAD.version,
  fault: mapping("Why not.", {
    what: text("What is wrong."),
    fix: text("What to ask instead."),
  }),
});
