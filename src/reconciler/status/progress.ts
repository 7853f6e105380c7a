import type { Standing } from "./readiness.ts";
import { pauseOf } from "./readiness.ts";
import type { Verdict } from "./verdict.ts";
import { messageOf, remainderOf } from "./words.ts";

/** The condition PullProgress: true while some node pulls the image. */
export function progressVerdict(standing: Standing): Verdict {
  const { targeted, ready, pulling, hold, backingOff } = standing.summary;
  if (pulling > 0) return verdict(standing, "Pulling");
  if (targeted > 0 && ready === targeted) return verdict(standing, "Complete");
  if (pauseOf(standing) !== undefined) return verdict(standing, "Idle");
  return verdict(standing, hold !== undefined || backingOff > 0 ? "Backoff" : "Idle");
}

/** The condition Reconciling: there only while Ready waits for pulls that nothing stands in the way of. */
export function reconcilingVerdict(standing: Standing, ready: Verdict): Verdict | undefined {
  const { hold } = standing.summary;
  if (ready.holds || hold !== undefined || pauseOf(standing) !== undefined) return undefined;
  const { reason, message } = ready;
  return { type: "Reconciling", holds: true, reason, message };
}

function verdict(standing: Standing, reason: "Pulling" | "Complete" | "Backoff" | "Idle"): Verdict {
  const rest = pauseOf(standing) === undefined ? remainderOf(standing.summary) : [];
  const message = messageOf([opening(standing, reason), ...rest]);
  return { type: "PullProgress", holds: reason === "Pulling", reason, message };
}

function opening(standing: Standing, reason: string): string {
  const { targeted, waiting } = standing.summary;
  if (reason === "Complete") {
    return targeted === 1 ? "the one node holds it" : `all ${targeted} nodes hold it`;
  }
  const pause = pauseOf(standing);
  if (pause !== undefined) return `no pull is started: ${pause}`;
  if (reason !== "Idle") return "";
  return targeted === 0 ? "there is no node to pull it" : waiting > 0 ? "" : "nothing is pulled";
}
