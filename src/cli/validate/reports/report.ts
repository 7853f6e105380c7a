import type { LocatedProblem, Place } from "../../../renderer/load/problem-at.ts";
import type { Output } from "../../terminal/terminal.ts";

/** What a run of `drop validate` found, as every form of its report is made from. */
export interface Report {
  /** In reading order. */
  readonly problems: readonly LocatedProblem[];
  readonly objects: readonly ReportedObject[];
  /** The text of each file that was read, by the name that problems show. */
  readonly texts: ReadonlyMap<string, string>;
  /** Whether a problem makes the run fail: every mistake does, a warning where `--fail-on warning` asks for it. */
  readonly isFailing: (problem: LocatedProblem) => boolean;
  /** The working directory, absolute: services for CI want paths relative to it. */
  readonly folder: string;
  /** Drop's own. */
  readonly version: string;
}

/** An object of Drop's and where it begins; the name is fit to print, as that of a problem's object is. */
export interface ReportedObject extends Place {
  readonly kind: string;
  readonly name: string;
}

/** What a form may want to know of where it goes to. */
export type Look = Pick<Output, "isTerminal" | "columns" | "paint">;

/** One form of a report, all of its text. */
export type ReportForm = (report: Report, look: Look) => string;
