import { printable } from "../../api/printable.ts";
import { cut } from "../../discovery/status.ts";
import type { ImageReport, StatusReport } from "../../reconciler/report/model.ts";
import { plural } from "../problem-lines.ts";
import { causeText, heldText, untilText } from "../reports/said.ts";
import { agoText, clockText, inText } from "../terminal/age.ts";
import type { Output } from "../terminal/terminal.ts";
import { textTable } from "../terminal/text-table.ts";
import { phaseStyle } from "./styles.ts";

type Paint = Output["paint"];

/** Everything on one page, for a person: images, then sets, policies, holds and nodes left out where there are any. */
export function overviewText(report: StatusReport, isWide: boolean, paint: Paint): string {
  const parts = [
    headline(report, paint),
    imagesText(report, isWide, paint),
    troublesText(report, paint),
    setsText(report, paint),
    policiesText(report, paint),
    holdsText(report),
    leftOutText(report),
  ];
  return parts.filter((part) => part !== "").join("\n");
}

const PHASES = ["Ready", "Pulling", "Pending", "Degraded"] as const;

/** How many are in which phase, and how fresh that is. */
function headline({ images, source, time }: StatusReport, paint: Paint): string {
  if (images.length === 0) return "";
  const counts = PHASES.flatMap((phase) => {
    const count = images.filter((image) => image.phase === phase).length;
    return count === 0 ? [] : paint(phaseStyle(phase), `${count} ${phase.toLowerCase()}`);
  });
  const by = source === "reconciler" ? "the reconciler" : "the cluster's objects";
  return `${plural(images.length, "image")}: ${counts.join(", ")}; as ${by} told at ${clockText(time)}\n`;
}

const HEAD = ["NAME", "IMAGE", "NODES", "PHASE", "NOW", "NEXT"];
const WIDE = ["SET", "POLICY", "DIGEST", "LAST PULLED", "MESSAGE"];

function imagesText(report: StatusReport, isWide: boolean, paint: Paint): string {
  const { images, time } = report;
  const head = isWide ? [...HEAD, ...WIDE] : HEAD;
  const rows = images.map((image) =>
    isWide ? [...imageRow(image, time), ...wideCells(image, time)] : imageRow(image, time),
  );
  return textTable(head, rows, (text, { row, column }) => {
    const phase = images[row]?.phase;
    return column === PHASE_COLUMN && phase !== undefined ? paint(phaseStyle(phase), text) : text;
  });
}

const PHASE_COLUMN = HEAD.indexOf("PHASE");

function imageRow(image: ImageReport, now: string): readonly string[] {
  const { name, reference = "<not understood>", nodesReady, nodesTargeted, phase } = image;
  const nodes = `${nodesReady}/${nodesTargeted}`;
  return [name, reference, nodes, phase, nowText(image), nextText(image, now)];
}

function wideCells(image: ImageReport, now: string): readonly string[] {
  const { set = "-", policy = "-", digest = "-", lastPulledTime, ready } = image;
  const pulled = lastPulledTime === undefined ? "-" : agoText(lastPulledTime, now);
  return [set, policy, digest, pulled, ready.message];
}

function nowText({ running, nodesPulling }: ImageReport): string {
  const [first] = running;
  if (first === undefined) return nodesPulling > 0 ? `${nodesPulling} pulling` : "-";
  const verb = first.isRefresh ? "asks again on" : "pulls on";
  const more = running.length > 1 ? ` +${running.length - 1}` : "";
  return `${verb} ${first.node}${more}`;
}

function nextText(image: ImageReport, now: string): string {
  const { hold, nextAttemptTime, nodesWaiting = 0, nodesBackingOff = 0, ready } = image;
  if (ready.reason === "Suspended" || ready.reason === "PolicyNotFound") return ready.reason;
  if (hold !== undefined) {
    const when = hold.until === undefined ? "needs a person" : inText(hold.until, now);
    return `${when}: ${hold.reason}`;
  }
  const parts = [
    ...(nodesWaiting > 0 ? [`${nodesWaiting} waiting`] : []),
    ...(nodesBackingOff > 0 ? [`${nodesBackingOff} after failures`] : []),
    ...(nextAttemptTime === undefined ? [] : [inText(nextAttemptTime, now)]),
  ];
  return parts.length === 0 ? "-" : parts.join(", ");
}

/** Images whose own words are shown below the table. */
const TROUBLES_TOLD = 10;

function troublesText({ images }: StatusReport, paint: Paint): string {
  const troubled = images.filter(isTroubled);
  const lines = troubled.slice(0, TROUBLES_TOLD).map(({ name, phase, ready }) => {
    const style = phaseStyle(phase === "Degraded" ? "Degraded" : "Pending");
    const label = paint(style, `${printable(name, 300)}:`);
    return `${label} ${printable(ready.message, 600)}\n`;
  });
  const rest = troubled.length - lines.length;
  return lines.join("") + (rest > 0 ? `and ${rest} more; drop status NAME tells of one\n` : "");
}

function isTroubled({ phase, failedNodes, hold, ready }: ImageReport): boolean {
  const isWaiting = ready.reason === "Suspended" || ready.reason === "PolicyNotFound";
  return phase === "Degraded" || failedNodes.length > 0 || hold !== undefined || isWaiting;
}

function setsText({ sets }: StatusReport, paint: Paint): string {
  const rows = sets.map(({ name, imagesReady, imagesManaged, phase, ready }) => [
    ...[name, `${imagesReady}/${imagesManaged}`, phase],
    ready.isReady ? "" : cut(ready.message, 160),
  ]);
  return textTable(["SET", "READY", "PHASE", "WHY"], rows, (text, { row, column }) => {
    const phase = sets[row]?.phase;
    return column === 2 && phase !== undefined ? paint(phaseStyle(phase), text) : text;
  });
}

/** Nodes whose names stand in a row. */
const NODES_TOLD = 3;

function policiesText({ policies, time }: StatusReport, paint: Paint): string {
  const rows = policies.map((policy) => {
    const { name, images, maxConcurrentNodes, activeNodes, exists } = policy;
    const used = exists ? `${activeNodes.length}/${maxConcurrentNodes}` : "-";
    const { lastStartTime: last, nextStartTime: next, isSuspended } = policy;
    const state = exists ? (isSuspended ? "suspended" : "") : "missing";
    const started = last === undefined ? "-" : agoText(last, time);
    const upcoming = next === undefined ? state || "-" : inText(next, time);
    const told = name === "" ? "(default)" : name;
    return [told, String(images), used, namesText(activeNodes), started, upcoming];
  });
  const head = ["POLICY", "IMAGES", "IN USE", "BY", "LAST START", "NEXT START"];
  return textTable(head, rows, (text) => (text === "missing" ? paint("red", text) : text));
}

function namesText(names: readonly string[], count = names.length): string {
  if (names.length === 0) return "-";
  const told = names.slice(0, NODES_TOLD);
  const rest = count - told.length;
  return `${told.join(", ")}${rest > 0 ? ` +${rest}` : ""}`;
}

function holdsText({ holds, time }: StatusReport): string {
  const rows = holds.map((hold) => [
    ...[heldText(hold), agoText(hold.since, time), String(hold.attempts)],
    ...[untilText(hold.until, time), causeText(hold, 200)],
  ]);
  return textTable(["HELD", "SINCE", "TRIES", "AGAIN", "WHY"], rows);
}

function leftOutText({ leftOut }: StatusReport): string {
  const rows = leftOut.map(({ reason, count, nodes }) => [
    ...[reason, String(count), namesText(nodes, count)],
  ]);
  return textTable(["LEFT OUT", "NODES", "NAMES"], rows);
}
