import type { Failure } from "../model/failure.ts";
import type { PullFailure } from "./classify.ts";
import { type MessageRule, NODE_RULES, STORED_BROKEN, speaks } from "./messages.ts";
import { failureOf } from "./scope.ts";
import { causeIn, wordsOf } from "./text.ts";

/** The image has gone again since kubelet saw it. Of a pull, the same words would speak of the registry. */
const GONE: MessageRule = {
  reason: "Unknown",
  phrases: ["failed to resolve image", "image not known", "no such image", "failed to get image"],
};

/**
 * What it means that a container could not be made or started, which kubelet tries only once it has the image and the
 * images of the volumes; undefined where the image is on the node all the same, whatever else is wrong. A runtime that
 * cannot mount images, or a program that cannot run, says nothing against the image.
 */
export function classifyStart({
  reason,
  message,
  reference,
  toolImage = "",
}: PullFailure): Failure | undefined {
  const said = message || reason;
  const words = wordsOf(said, [reference, toolImage]);
  if (!speaks(STORED_BROKEN, words) && !speaks(GONE, words)) return undefined;
  const rule = NODE_RULES.find((each) => speaks(each, words)) ?? STORED_BROKEN;
  return failureOf(rule.reason, causeIn(said));
}
