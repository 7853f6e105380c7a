import { printable } from "../../api/printable.ts";
import { cut } from "../../discovery/status.ts";
import type { HoldReport, ReportFault, ReportHead } from "../../reconciler/report/model.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { clockText, inText } from "../terminal/age.ts";
import type { Output } from "../terminal/terminal.ts";

/** Whether an answer says that there is none. */
export function isFault(answer: object): answer is ReportFault {
  return "fault" in answer;
}

/** Why a question has no answer, on a line. */
export function faultText({ fault }: ReportFault): string {
  const { what, fix } = fault;
  return `drop: ${printable(what, 1_000)}; ${printable(fix, 1_000)}\n`;
}

/** Says why a question has no answer. */
export async function sayFault(fault: ReportFault, stderr: Output): Promise<ExitCode> {
  await stderr.write(faultText(fault));
  return EXIT.mistakes;
}

/** What a report cannot tell, a line each. */
export function unknownText({ unknown }: ReportHead, paint: Output["paint"]): string {
  return unknown
    .map((sentence) => `${paint("dim", "note:")} not known: ${printable(sentence, 1_000)}\n`)
    .join("");
}

/** What is held, for people: `the registry quay.io`. */
export function heldText({ kind, subject }: Pick<HoldReport, "kind" | "subject">): string {
  if (kind === "namespace") return "the namespace of pull Pods";
  if (kind === "installation") return "the image of Drop's own tool";
  if (kind === "policy" && subject === "") return "the default policy";
  const name = printable(subject, 300);
  return kind === "platform" ? name : `the ${kind} ${name}`;
}

/** When a hold ends: `in 24s (2026-01-02 10:05:00 UTC)`. */
export function untilText(until: string | undefined, now: string): string {
  return until === undefined ? "when someone mends it" : whenText(until, now);
}

/** A time both ways. */
export function whenText(at: string, now: string): string {
  return `${inText(at, now)} (${clockText(at)})`;
}

/** What failed and in whose words: `NotFound: manifest unknown`. */
export function causeText(
  { reason, message }: { readonly reason: string; readonly message: string },
  max = 300,
): string {
  const said = cut(printable(message, max), max);
  return said === "" ? reason : `${reason}: ${said}`;
}
