import { mebibytes, type Row, seconds } from "../table.ts";
import { boundMs, type Plan } from "./plan.ts";
import { isLease, isWatch, isWrite, type Requests, sumOf } from "./requests.ts";

/** What it took to get every image onto every node. */
export interface Worked {
  readonly tookMs: number;
  readonly processorSeconds: number;
  readonly passes: number;
  readonly requests: Requests;
}

/** What it took to keep them there. */
export interface Rested {
  readonly processorSeconds: number;
  readonly passes: number;
  readonly requests: Requests;
  /** Writes of the nodes' own in that time, which change nothing. */
  readonly beats: number;
}

export interface Measured {
  readonly worked: Worked;
  /** What a plain loop takes beside the pulls alone. */
  readonly peerRatio: number;
  readonly peakMiB: number;
}

const none = { peer: "", peerFigure: "", ratio: "", target: "", met: undefined } as const;

const MOST_TIMES_BOUND = 1.1;
const MOST_WRITES = 0.5;
const MOST_MIB = 150;

/** Time, requests and memory. */
export function fleetRows(plan: Plan, { worked, peerRatio, peakMiB }: Measured): readonly Row[] {
  const { nodes, images, maxConcurrentNodes, pullMs } = plan;
  const bound = boundMs(plan);
  const ratio = worked.tookMs / bound;
  const took = `${nodes} nodes × ${images} images, ${maxConcurrentNodes} nodes at once, ${pullMs / 1_000} s a Pod`;
  return [
    {
      ...{ what: took, drop: seconds(worked.tookMs / 1_000) },
      ...{ peer: "the policy's bound", peerFigure: seconds(bound / 1_000) },
      ...{ ratio: times(ratio), target: `≤ ${MOST_TIMES_BOUND} ×`, met: ratio <= MOST_TIMES_BOUND },
    },
    {
      ...{ ...none, what: "the same Pods", drop: seconds(worked.tookMs / 1_000) },
      ...{ peer: "a plain loop", peerFigure: seconds((peerRatio * bound) / 1_000) },
      ratio: times(ratio / peerRatio),
    },
    ...requestRows(plan, worked),
    {
      ...{ ...none, what: "peak memory", drop: mebibytes(peakMiB) },
      ...{ target: `≤ ${MOST_MIB} MiB`, met: peakMiB <= MOST_MIB },
    },
    {
      ...{ ...none, what: "processor time", drop: seconds(worked.processorSeconds) },
      ...{
        peer: "of one core",
        peerFigure: `${percent((1_000 * worked.processorSeconds) / worked.tookMs)}`,
      },
    },
    { ...none, what: "passes", drop: String(worked.passes) },
  ];
}

/** For each image pulled onto a node; a Pod or Job for each would be created and deleted. */
function requestRows({ nodes, images }: Plan, { requests }: Worked): readonly Row[] {
  const pulls = nodes * images;
  const each = (count: number) => (count / pulls).toFixed(4);
  const writes = sumOf(requests, isWrite) / pulls;
  const others = [...requests].filter(([what]) => !isLease(what));
  return [
    {
      ...{ what: "writes for each image on a node", drop: writes.toFixed(3) },
      ...{ peer: "a Pod for each", peerFigure: "2", ratio: times(writes / 2) },
      ...{ target: `≤ ${MOST_WRITES}`, met: writes <= MOST_WRITES },
    },
    ...others.map(([what, count]) => ({ ...none, what: `  ${what}`, drop: each(count) })),
  ];
}

/** What is asked for while nothing changes but the nodes' heartbeats. */
export function idleRows({ idleMinutes }: Plan, rested: Rested): readonly Row[] {
  const { requests, processorSeconds, passes, beats } = rested;
  const isOther = (what: string) => !isLease(what) && !isWatch(what);
  const others = sumOf(requests, isOther);
  return [
    {
      ...{ ...none, what: `requests in ${idleMinutes} min of nothing, Lease and watches aside` },
      ...{ drop: String(others), target: "0", met: others === 0 },
    },
    { ...none, what: "  about the Lease", drop: String(sumOf(requests, isLease)) },
    { ...none, what: "  watches opened again", drop: String(sumOf(requests, isWatch)) },
    {
      ...{ ...none, what: "processor time meanwhile", drop: seconds(processorSeconds) },
      ...{ peer: "of one core", peerFigure: percent(processorSeconds / (60 * idleMinutes)) },
    },
    {
      ...{ ...none, what: "passes meanwhile", drop: String(passes) },
      ...{ peer: "heartbeats of nodes", peerFigure: String(beats) },
    },
  ];
}

function times(ratio: number): string {
  return `${ratio.toFixed(2)} ×`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
