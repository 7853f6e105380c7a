import { printable } from "../../api/printable.ts";
import type {
  ImageReport,
  NodeRow,
  PolicyReport,
  StatusReport,
} from "../../reconciler/report/model.ts";
import { causeText, untilText } from "../reports/said.ts";
import { agoText, clockText, inText, sinceText } from "../terminal/age.ts";
import { fieldLines } from "../terminal/field-lines.ts";
import type { Output } from "../terminal/terminal.ts";
import { textTable } from "../terminal/text-table.ts";
import { phaseStyle, stateLabel, stateStyle } from "./styles.ts";

type Paint = Output["paint"];

/** One CachedImage in full, for a person: what it is, how it stands, and node by node, those without it first. */
export function imagePageText(report: StatusReport, isWide: boolean, paint: Paint): string {
  const [image] = report.images;
  if (image === undefined) return "";
  const fields = fieldLines([
    ["Name", legible(image.name)],
    ["Image", legible(image.reference)],
    ["Digest", legible(image.digest)],
    ["Set", legible(image.set)],
    ["Policy", report.policies.map((policy) => policyText(policy, report.time)).join()],
    ["Phase", paint(phaseStyle(image.phase), image.phase)],
    ["Ready", readyText(image, report.time)],
    ["Nodes", countsText(image)],
    ["Held", heldText(image, report.time)],
    ["Failures", failuresText(image)],
    ["Last start", timeText(image.lastAttemptedTime, report.time)],
    ["Last success", timeText(image.lastPulledTime, report.time)],
  ]);
  const rows = nodesText(image, { now: report.time, isWide, paint });
  return rows === "" ? fields : `${fields}\n${rows}`;
}

/** What came from the cluster, fit for a terminal. */
function legible(text: string | undefined): string | undefined {
  return text === undefined ? undefined : printable(text, 600);
}

function readyText({ ready }: ImageReport, now: string): string {
  const since = ready.since === undefined ? "" : ` for ${sinceText(ready.since, now)}`;
  const state = ready.isReady ? "yes" : "no";
  return `${state}${since}, ${printable(ready.reason)}: ${printable(ready.message, 1_100)}`;
}

function countsText(image: ImageReport): string {
  const { nodesReady, nodesTargeted, nodesPulling } = image;
  const { nodesWaiting = 0, nodesBackingOff = 0, nodesUnverified = 0 } = image;
  return [
    `${nodesReady} of ${nodesTargeted} hold it`,
    ...(nodesPulling > 0 ? [`${nodesPulling} pulling`] : []),
    ...(nodesWaiting > 0 ? [`${nodesWaiting} waiting for a turn`] : []),
    ...(nodesBackingOff > 0 ? [`${nodesBackingOff} waiting after failures`] : []),
    ...(nodesUnverified > 0 ? [`${nodesUnverified} unverified`] : []),
  ].join(", ");
}

function heldText({ hold }: ImageReport, now: string): string | undefined {
  return hold === undefined ? undefined : `again ${untilText(hold.until, now)}: ${causeText(hold)}`;
}

function failuresText({ consecutiveFailures: count }: ImageReport): string | undefined {
  return count === 0 ? undefined : `${count} since the last success`;
}

function timeText(at: string | undefined, now: string): string | undefined {
  return at === undefined ? undefined : `${agoText(at, now)} (${clockText(at)})`;
}

/** `gentle: 1 of 2 nodes in use, 10s apart, next start in 4s`. */
export function policyText(policy: PolicyReport, now: string): string {
  const { exists, isSuspended, activeNodes, maxConcurrentNodes, nextStartTime } = policy;
  const name = policy.name === "" ? "(default)" : printable(policy.name, 300);
  if (!exists) return `${name}: does not exist, or has mistakes`;
  return [
    `${name}: ${activeNodes.length} of ${maxConcurrentNodes} nodes in use`,
    `${policy.minDelayBetweenPulls} apart`,
    ...(isSuspended ? ["suspended"] : []),
    ...(nextStartTime === undefined ? [] : [`next start ${inText(nextStartTime, now)}`]),
  ].join(", ");
}

interface Look {
  readonly now: string;
  readonly isWide: boolean;
  readonly paint: Paint;
}

/** Rows shown of each kind unless all are asked for. */
const ROWS_TOLD = 40;

function nodesText({ nodes = [] }: ImageReport, { now, isWide, paint }: Look): string {
  const ordered = nodes.toSorted((a, b) => rank(a) - rank(b) || (a.node < b.node ? -1 : 1));
  const told = isWide ? ordered : ordered.slice(0, ROWS_TOLD);
  const rows = told.map((row) => [
    ...[row.node, stateText(row), row.since === undefined ? "-" : agoText(row.since, now)],
    ...[row.nextAttemptTime === undefined ? "-" : inText(row.nextAttemptTime, now), whyText(row)],
  ]);
  const table = textTable(
    ["NODE", "STATE", "SINCE", "NEXT", "WHY"],
    rows,
    (text, { row, column }) => {
      const state = told[row]?.state;
      return column === 1 && state !== undefined ? paint(stateStyle(state), text) : text;
    },
  );
  const rest = ordered.length - told.length;
  return rest > 0 ? `${table}and ${rest} more nodes; -o wide shows all\n` : table;
}

/** What people look for comes first. */
const ORDER = ["Pulling", "Backoff", "Held", "Waiting", "Missing", "Paused", "LeftOut", "Present"];

function rank({ state }: NodeRow): number {
  return ORDER.indexOf(state);
}

function stateText({ state, isVerified }: NodeRow): string {
  const isDoubtful = state === "Present" && isVerified === false;
  return isDoubtful ? "Present, unverified" : stateLabel(state);
}

function whyText({ exclusion, failure, state }: NodeRow): string {
  if (exclusion !== undefined) return exclusion;
  if (failure === undefined || state === "Present") return "";
  const tries = failure.attempts > 1 ? ` (attempt ${failure.attempts})` : "";
  return `${causeText(failure, 200)}${tries}`;
}
