import type { Cell, Exclusion } from "../model/cell.ts";
import type { CellState } from "./model.ts";

/** What decides in which word a cell is put. */
export interface CellFacts {
  readonly cell: Cell;
  readonly exclusion: Exclusion | undefined;
  readonly isRunning: boolean;
  /** Something wider than the cell keeps pulls from starting. */
  readonly isHeld: boolean;
  /** A person, or a missing policy, keeps pulls from starting. */
  readonly isPaused: boolean;
  /** It is known that it waits for nothing but its turn. */
  readonly isQueued: boolean;
  readonly now: number;
}

/** The most telling word first: what runs, what is there, and else what it waits for. */
export function cellState(facts: CellFacts): CellState {
  const { cell, exclusion, isRunning, isHeld, isPaused, isQueued, now } = facts;
  if (isRunning) return "Pulling";
  if (cell.isPresent) return "Present";
  if (exclusion !== undefined) return "LeftOut";
  if (isPaused) return "Paused";
  if (isHeld) return "Held";
  if (cell.nextAttemptAt !== undefined && cell.nextAttemptAt > now) return "Backoff";
  return isQueued ? "Waiting" : "Missing";
}
