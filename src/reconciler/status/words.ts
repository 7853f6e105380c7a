import { printable } from "../../api/printable.ts";
import { cut, kubernetesTime } from "../../discovery/status.ts";
import type { EvictedCell, FailedCell, Hold, ImageSummary } from "../model/summary.ts";

/** Characters of a condition's message at most; the CRD allows more, people do not read more. */
export const MAX_MESSAGE = 1_024;

/** Characters that one failure may take of it. */
const MAX_CAUSE = 300;

/** The names that `cachedNodes` holds at most, as the CRD says. */
export const MAX_CACHED_NODES = 10_000;

/** Clauses as one printable message: empty ones left out, cut where it gets too long. */
export function messageOf(clauses: readonly string[]): string {
  const text = clauses.filter((clause) => clause !== "").join("; ");
  return cut(printable(text, MAX_MESSAGE), MAX_MESSAGE);
}

/** How many nodes should hold an image, and how many of them do. */
interface Holders {
  readonly ready: number;
  readonly targeted: number;
}

/** `3 of 5 nodes hold docker.io/library/nginx:1.27`. */
export function holdersText({ ready, targeted }: Holders, reference: string): string {
  return `${ready} of ${targeted} ${targeted === 1 ? "node holds" : "nodes hold"} ${reference}`;
}

/** What the nodes without the image do, and what is strange about those with it, a clause each. */
export function remainderOf(summary: ImageSummary): readonly string[] {
  return [
    pullingText(summary),
    waitingText(summary),
    holdText(summary),
    backoffText(summary),
    ...notesOn(summary),
  ];
}

function pullingText({ pulling, ready, targeted }: ImageSummary): string {
  if (pulling === 0) return "";
  if (targeted > 0 && ready === targeted)
    return `${numbered(pulling, "asks", "ask")} the registry again`;
  return `${numbered(pulling, "pulls", "pull")} it now`;
}

/** Where something holds them all it is not their turn that they wait for. */
function waitingText({ waiting, hold }: ImageSummary): string {
  return waiting === 0 || hold !== undefined
    ? ""
    : `${numbered(waiting, "waits", "wait")} for a turn`;
}

/** What a person must know although it calls for nothing. */
function notesOn({ unverified, digestCount, cachedNodes }: ImageSummary): readonly string[] {
  return [
    unverified === 0
      ? ""
      : `unverified on ${nodes(unverified)}, where the list of images is cut short`,
    digestCount < 2 ? "" : `the nodes report ${digestCount} different digests`,
    cachedNodes.length <= MAX_CACHED_NODES ? "" : `cachedNodes names the first ${MAX_CACHED_NODES}`,
  ];
}

function holdText({ hold, lastAttemptedAt }: ImageSummary): string {
  if (hold === undefined || isPolicyMatter(hold)) return "";
  const until =
    hold.until === undefined
      ? "until somebody changes something"
      : `until ${clockTime(hold.until, lastAttemptedAt)}`;
  return `no pull starts ${until}: ${causeText(hold)}`;
}

/** Those have words of their own. */
function isPolicyMatter({ reason }: Hold): boolean {
  return reason === "PolicyNotFound" || reason === "Suspended";
}

/** A reason with what was said, cut: `NotFound: manifest unknown`. */
export function causeText({
  reason,
  scope,
  message,
}: Pick<Hold, "reason" | "scope" | "message">): string {
  const whose = scope === "installation" ? "the image of Drop's own tool: " : "";
  const said = cut(printable(message, MAX_CAUSE), MAX_CAUSE);
  return said === "" ? `${whose}${reason}` : `${whose}${reason}: ${said}`;
}

function backoffText(summary: ImageSummary): string {
  const { backingOff, hold } = summary;
  if (backingOff === 0 || hold !== undefined) return "";
  const worst = worstFailure(summary.failedNodes.filter(({ isBackingOff }) => isBackingOff));
  const removed = summary.evictedNodes[0];
  const first =
    worst !== undefined
      ? failedText(worst, summary)
      : removed !== undefined
        ? evictedText(removed, summary)
        : "";
  if (first === "") return `${numbered(backingOff, "waits", "wait")} after a failure`;
  const more = backingOff > 1 ? `; ${numbered(backingOff - 1, "waits", "wait")} likewise` : "";
  return `${first}${more}`;
}

/** The failure that has been met most often, the first by node name among equals. */
export function worstFailure(failedNodes: readonly FailedCell[]): FailedCell | undefined {
  let worst: FailedCell | undefined;
  for (const cell of failedNodes) {
    if (worst === undefined || cell.attempts > worst.attempts) worst = cell;
  }
  return worst;
}

function failedText(cell: FailedCell, { lastAttemptedAt }: ImageSummary): string {
  const { node, failure, attempts, nextAttemptAt } = cell;
  const until =
    nextAttemptAt === undefined
      ? "waits"
      : `waits until ${clockTime(nextAttemptAt, lastAttemptedAt)}`;
  const tries = attempts > 1 ? ` (attempt ${attempts})` : "";
  return `${node} ${until} after ${causeText(failure)}${tries}`;
}

function evictedText(cell: EvictedCell, { lastAttemptedAt }: ImageSummary): string {
  const times = cell.count === 1 ? "" : ` ${cell.count} times`;
  const until = clockTime(cell.nextAttemptAt, lastAttemptedAt);
  return `${cell.node} waits until ${until} since kubelet removed it${times}`;
}

/**
 * `10:05:00 UTC`, with its day where that is not the day of `beside`. The present does not matter, so that words do not
 * change while nothing happens.
 */
function clockTime(at: number, beside: number | undefined): string {
  const [day = "", time = ""] = kubernetesTime(at).replace("Z", "").split("T");
  const isSameDay = beside !== undefined && kubernetesTime(beside).startsWith(day);
  return isSameDay ? `${time} UTC` : `${day} ${time} UTC`;
}

function nodes(count: number): string {
  return count === 1 ? "1 node" : `${count} nodes`;
}

function numbered(count: number, one: string, many: string): string {
  return `${nodes(count)} ${count === 1 ? one : many}`;
}
