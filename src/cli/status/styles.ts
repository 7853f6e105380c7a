import type { CellState, ImageReport } from "../../reconciler/report/model.ts";

const PHASES = {
  Ready: "green",
  Pulling: "cyan",
  Pending: "yellow",
  Degraded: "red",
} as const satisfies Readonly<Record<ImageReport["phase"], string>>;

/** The colour of a phase. */
export function phaseStyle(phase: ImageReport["phase"]): (typeof PHASES)[keyof typeof PHASES] {
  return PHASES[phase];
}

const STATES = {
  Present: "green",
  Pulling: "cyan",
  Waiting: "yellow",
  Missing: "yellow",
  Backoff: "red",
  Held: "red",
  Paused: "yellow",
  LeftOut: "dim",
} as const satisfies Readonly<Record<CellState, string>>;

/** A cell's state as people read it. */
export function stateLabel(state: CellState): string {
  return state === "LeftOut" ? "Left out" : state;
}

/** The colour of a cell's state. */
export function stateStyle(state: CellState): (typeof STATES)[keyof typeof STATES] {
  return STATES[state];
}
