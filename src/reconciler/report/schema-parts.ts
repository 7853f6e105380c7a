import type { Schema } from "../../api/schema.ts";
import { FAILURE_REASONS } from "../model/failure.ts";

/** A mapping with at least these fields; the ones whose names end in "?" may be missing. */
export function mapping(description: string, fields: Readonly<Record<string, Schema>>): Schema {
  const names = Object.keys(fields);
  const properties = Object.fromEntries(
    Object.entries(fields).map(([name, schema]) => [name.replace("?", ""), schema]),
  );
  return {
    ...{ description, type: "object" },
    required: names.filter((name) => !name.endsWith("?")),
    properties,
  };
}

export function listOf(description: string, items: Schema): Schema {
  return { description, type: "array", items };
}

export function text(description: string): Schema {
  return { description, type: "string" };
}

export function count(description: string): Schema {
  return { description, type: "integer", minimum: 0 };
}

export function flag(description: string): Schema {
  return { description, type: "boolean" };
}

/** RFC 3339. */
export function time(description: string): Schema {
  return { description, type: "string", format: "date-time" };
}

export function choice(description: string, choices: readonly string[]): Schema {
  return { description, type: "string", enum: choices };
}

export const PHASE = choice("The state in one word.", ["Pending", "Pulling", "Ready", "Degraded"]);

const REASON = choice("The failure in one word.", FAILURE_REASONS);
const SCOPE = choice("What the failure says something about.", [
  ...["image", "platform", "registry", "node", "namespace", "pod", "cell", "installation"],
]);
const SAID = text("What kubelet, the registry or the API server said.");

/** Why something is held. */
const CAUSE = {
  reason: REASON,
  scope: SCOPE,
  message: SAID,
  "until?": time("When it is tried again; absent when a person has to change something."),
} as const;

export const HOLD_CAUSE = mapping("Why no pull of it starts anywhere.", CAUSE);

export const HOLDS = listOf(
  "What is wider than one image on one node, by kind, then subject.",
  mapping("One hold.", {
    kind: choice("What kind of thing is held.", [
      ...["image", "platform", "registry", "node", "policy", "namespace", "installation"],
    ]),
    subject: text("What is held; empty where the kind says it all."),
    since: time("When it began."),
    attempts: count("Failed tries since then."),
    ...CAUSE,
  }),
);

export const FAILURE = mapping("The last failure there.", {
  reason: REASON,
  scope: SCOPE,
  message: SAID,
  attempts: count("Attempts since the last success."),
});

export const RUNNING = mapping("A pull Pod at work.", {
  node: text("The node's name."),
  pod: text("The Pod's name, in the namespace of pull Pods."),
  since: time("When kubelet took it up."),
  attempt: count("1 for the first since the last success on this node."),
  method: choice("How kubelet is made to pull.", ["image-volume", "helper"]),
  isRefresh: flag("It asks again for what the node already holds."),
  otherImages: count("The other images of the same Pod."),
});

export const CELL_STATE = choice("How the image stands on the node.", [
  ...["Present", "Pulling", "Waiting", "Backoff", "Held", "Paused", "LeftOut", "Missing"],
]);

export const EXCLUSION = choice("Why the node is left out.", [
  ...["SelectorMismatch", "Windows", "VirtualKubelet", "NoContainerRuntime", "DiskPressure"],
  ...["Deleting", "Disrupted", "ScaleDown", "NotReady", "Cordoned", "Tainted", "PlatformMismatch"],
]);

export const POLICY = mapping("How much of a PullPolicy's budget is in use.", {
  name: text("Empty for what holds for images that name none."),
  exists: flag("False: an image names it, and it does not exist or has mistakes."),
  isSuspended: flag("No pull is started under it."),
  images: count("CachedImages under it."),
  maxConcurrentNodes: count("Nodes that may pull at the same time."),
  activeNodes: listOf("Nodes with a running pull Pod under it, by name.", text("A node.")),
  minDelayBetweenPulls: text("A duration, such as 10s."),
  "lastStartTime?": time("When it last started a pull."),
  "nextStartTime?": time("When it may start the next node, where one waits and there is room."),
});

/** What both reports begin with. */
export const HEAD = {
  version: {
    description: "The version of this format. Another number is another format.",
    const: 1,
  },
  time: time("When it was taken."),
  source: choice("The reconciler itself, or only what is written in the cluster's objects.", [
    ...["reconciler", "objects"],
  ]),
  unknown: listOf("What this source cannot tell, and why.", text("A sentence.")),
} as const;
