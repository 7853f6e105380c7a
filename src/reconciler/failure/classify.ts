import type { Failure, FailureReason } from "../model/failure.ts";
import type { PullMethod } from "../model/pod.ts";
import { MESSAGE_RULES, speaks } from "./messages.ts";
import { failureOf, scopeOf } from "./scope.ts";
import { causeIn, names, wordsOf } from "./text.ts";

/** A container that could not get its image, in kubelet's words. */
export interface PullFailure {
  /** Of the container's waiting or terminated state, such as `ErrImagePull`. */
  readonly reason: string;
  readonly message: string;
  readonly method: PullMethod;
  /** The image that the container is for. */
  readonly reference: string;
  /** The pause or helper image of the Pod, where it is known. */
  readonly toolImage: string | undefined;
}

/** Where kubelet's own word for the state says it all, or says it if the message does not. */
const STATES: ReadonlyMap<string, FailureReason> = new Map([
  ["ErrImageNeverPull", "NotPresent"],
  ["InvalidImageName", "InvalidReference"],
  ["SignatureValidationFailed", "Forbidden"],
]);

/** Why a pull failed, and what that says something about. */
export function classify(seen: PullFailure): Failure {
  // Kubelet gives some errors as the reason and tells nothing else.
  const message = seen.message || seen.reason;
  const { reason, scope } = verdict(seen, message);
  const isNode = scope === "node";
  if (!isNode && isToolImage(seen, message))
    return failureOf(reason, causeIn(message), "installation");
  return failureOf(reason, causeIn(message), scope);
}

function verdict(
  { reason, reference, toolImage = "" }: PullFailure,
  message: string,
): Pick<Failure, "reason" | "scope"> {
  const stated = STATES.get(reason);
  if (stated !== undefined) return { reason: stated, scope: scopeOf(stated) };
  const words = wordsOf(message, [reference, toolImage]);
  const rule = MESSAGE_RULES.find((each) => speaks(each, words));
  // The runtime says only that the registry does not serve.
  const other = reason === "RegistryUnavailable" ? "ConnectionRefused" : "Unknown";
  const found = rule?.reason ?? other;
  return { reason: found, scope: rule?.scope ?? scopeOf(found) };
}

/** The message names the image of the tool and not the one that is wanted. */
function isToolImage({ reference, toolImage }: PullFailure, message: string): boolean {
  if (toolImage === undefined || toolImage === "") return false;
  return names(message, toolImage) && !names(message, reference);
}
