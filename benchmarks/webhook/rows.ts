import { median } from "../measure.ts";
import { mebibytes, type Row } from "../table.ts";
import type { Met } from "./load.ts";
import { PACE, type Rest, type Rounds } from "./rounds.ts";

/** What is aimed at beside a peer, by its name: at least so many times its throughput. */
const LEAST: Readonly<Record<string, number>> = {
  "express + ajv": 0.8,
  "controller-runtime": 0.25,
};
const MOST_P99_MS = 10;
const MOST_IDLE_MIB = 100;
const MOST_READY_MS = 500;

/** Throughput beside each peer, then how long an answer takes at a steady pace. */
export function loadRows(kind: string, [drop, ...peers]: readonly Rounds[]): readonly Row[] {
  if (drop === undefined) return [];
  const perSecond = (met: readonly Met[]) => median(met.map((round) => round.perSecond));
  const throughput = peers.map((peer) => {
    const ratio = median(
      drop.flood.map((met, round) => met.perSecond / (peer.flood[round]?.perSecond ?? Number.NaN)),
    );
    const least = LEAST[peer.name];
    return {
      what: `${kind}: reviews a second`,
      drop: whole(perSecond(drop.flood)),
      peer: peer.name,
      peerFigure: whole(perSecond(peer.flood)),
      ratio: `${ratio.toFixed(2)} ×`,
      target: least === undefined ? "" : `≥ ${least} ×`,
      met: least === undefined ? undefined : ratio >= least,
    };
  });
  return [...throughput, processorRow(kind, drop, peers), ...latencyRows(kind, drop, peers)];
}

function processorRow(kind: string, drop: Rounds, peers: readonly Rounds[]): Row {
  const cost = ({ processorMs }: Rounds) => `${median(processorMs).toFixed(3)} ms`;
  return {
    what: `${kind}: processor time a review`,
    drop: cost(drop),
    ...beside(peers, cost),
    ...{ ratio: "", target: "", met: undefined },
  };
}

function latencyRows(kind: string, drop: Rounds, peers: readonly Rounds[]): readonly Row[] {
  const of = (pick: (met: Met) => number) => (rounds: Rounds) => median(rounds.paced.map(pick));
  const p50 = of(({ p50Ms }) => p50Ms);
  const p99 = of(({ p99Ms }) => p99Ms);
  const row = (name: string, value: (rounds: Rounds) => number, most?: number): Row => ({
    what: `${kind}: ${name} at ${PACE}/s`,
    drop: ms(value(drop)),
    ...beside(peers, (peer) => ms(value(peer))),
    ratio: "",
    target: most === undefined ? "" : `≤ ${most} ms`,
    met: most === undefined ? undefined : value(drop) <= most,
  });
  return [row("p50", p50), row("p99", p99, MOST_P99_MS)];
}

/** The peers in one cell each, in their order. */
function beside(peers: readonly Rounds[], figure: (peer: Rounds) => string) {
  return { peer: "all of them, in this order", peerFigure: peers.map(figure).join(", ") };
}

/** What a webhook takes before and after the load. */
export function restRows(
  [drop, ...peers]: readonly Rest[],
  peaks: readonly number[],
): readonly Row[] {
  if (drop === undefined) return [];
  const all = "all of them, in this order";
  const [peak = Number.NaN, ...others] = peaks;
  return [
    {
      what: "start to the first 200 at /readyz",
      drop: ms(drop.readyMs),
      peer: all,
      peerFigure: peers.map(({ readyMs }) => ms(readyMs)).join(", "),
      ratio: "",
      target: `≤ ${MOST_READY_MS} ms`,
      met: drop.readyMs <= MOST_READY_MS,
    },
    {
      what: "resident memory, idle",
      drop: mebibytes(drop.idleMiB),
      peer: all,
      peerFigure: peers.map(({ idleMiB }) => mebibytes(idleMiB)).join(", "),
      ratio: "",
      target: `≤ ${MOST_IDLE_MIB} MiB`,
      met: drop.idleMiB <= MOST_IDLE_MIB,
    },
    {
      what: "resident memory, peak under load",
      drop: mebibytes(peak),
      peer: all,
      peerFigure: others.map(mebibytes).join(", "),
      ...{ ratio: "", target: "", met: undefined },
    },
  ];
}

function whole(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

function ms(value: number): string {
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
}
