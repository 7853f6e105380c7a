import { printable } from "../../api/printable.ts";
import type {
  CellReport,
  FailureReport,
  HoldReport,
  PolicyReport,
  RunningReport,
  WantReport,
} from "../../reconciler/report/model.ts";
import { causeText, heldText, untilText, whenText } from "../reports/said.ts";
import { policyText } from "../status/image-page.ts";
import { stateLabel, stateStyle } from "../status/styles.ts";
import { agoText, clockText, sinceText } from "../terminal/age.ts";
import { fieldLines } from "../terminal/field-lines.ts";
import type { Output } from "../terminal/terminal.ts";
import { answerText } from "./answer.ts";

/** The answer in a sentence, then everything that it follows from. */
export function whyText(report: CellReport, paint: Output["paint"]): string {
  const { time } = report;
  const answer = `${paint(["bold", stateStyle(report.state)], `${stateLabel(report.state)}:`)} ${answerText(report)}`;
  const fields = fieldLines([
    ["Image", printable(report.reference, 600)],
    ["Node", printable(report.node, 300)],
    ...report.wantedBy.map((want) => ["Wanted by", wantText(want)] as const),
    ["On the node", presenceText(report)],
    ["Running", report.running && runningText(report.running, time)],
    ["Last failure", report.failure && failureText(report.failure)],
    ["Next attempt", report.nextAttemptTime && whenText(report.nextAttemptTime, time)],
    ...report.holds.map((hold) => ["Held", holdText(hold, time)] as const),
    ...policiesOf(report).map((policy) => ["Policy", policyText(policy, time)] as const),
  ]);
  return `${answer}\n\n${fields}`;
}

function wantText({ image, set, imagePullPolicy, exclusion, pause }: WantReport): string {
  const notes = [
    ...(set === undefined ? [] : [`set ${printable(set, 300)}`]),
    imagePullPolicy,
    ...(exclusion === undefined ? [] : [`left out: ${exclusion}`]),
    ...(pause === undefined ? [] : [pause]),
  ];
  return `CachedImage ${printable(image, 300)} (${notes.join(", ")})`;
}

/** Each policy once, in the order of the images. */
function policiesOf({ wantedBy }: CellReport): readonly PolicyReport[] {
  const policies = wantedBy.flatMap(({ policy }) => policy ?? []);
  return [...new Map(policies.map((policy) => [policy.name, policy])).values()];
}

function presenceText({ isPresent, since, lostTime, evictions, time }: CellReport): string {
  return [
    isPresent ? "yes" : "no",
    ...(since === undefined ? [] : [`for ${sinceText(since, time)} (since ${clockText(since)})`]),
    ...(lostTime === undefined ? [] : [`lost ${agoText(lostTime, time)} (${clockText(lostTime)})`]),
    ...(evictions === 0 ? [] : [`removed by kubelet ${timesText(evictions)}`]),
  ].join(", ");
}

function timesText(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}

function runningText(running: RunningReport, now: string): string {
  const { pod, since, attempt, method, isRefresh, otherImages } = running;
  const others = otherImages === 1 ? "1 other image" : `${otherImages} other images`;
  return [
    `Pod ${printable(pod, 300)} for ${sinceText(since, now)}`,
    isRefresh ? "asking the registry again" : `attempt ${attempt}`,
    `by ${method}`,
    ...(otherImages === 0 ? [] : [`with ${others}`]),
  ].join(", ");
}

function failureText(failure: FailureReport): string {
  return `attempt ${failure.attempts}, ${SCOPES[failure.scope]}: ${causeText(failure, 1_024)}`;
}

/** What a failure says something about. */
const SCOPES: Readonly<Record<FailureReport["scope"], string>> = {
  image: "wherever it is pulled",
  platform: "on nodes of this platform",
  registry: "with anything from that registry",
  node: "with anything on this node",
  namespace: "with any pull Pod",
  pod: "with the Pod as it was written",
  cell: "here",
  installation: "with Drop's own tool image",
};

function holdText(hold: HoldReport, now: string): string {
  const tries = hold.attempts === 1 ? "1 try" : `${hold.attempts} tries`;
  const since = sinceText(hold.since, now);
  const until = untilText(hold.until, now);
  return `${heldText(hold)} for ${since}, ${tries}, again ${until}: ${causeText(hold)}`;
}
