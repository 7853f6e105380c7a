import { formatDuration, parseDuration } from "../duration.ts";
import { textAt } from "../fields.ts";
import { goNanoseconds } from "../go-duration.ts";
import { type Problem, problemOf } from "../problem.ts";

/** A first backoff longer than the longest. */
export function paceProblems(object: unknown): readonly Problem[] {
  const initial = parseDuration(textAt(object, "spec.failureBackoff.initial") ?? "");
  const max = parseDuration(textAt(object, "spec.failureBackoff.max") ?? "");
  if (!initial.ok || !max.ok || initial.value.milliseconds <= max.value.milliseconds) return [];
  const fault = {
    what: `the first wait, ${initial.value.text}, is longer than the longest, ${max.value.text}`,
    fix: `write initial: ${formatDuration(max.value.milliseconds)} or shorter, or raise max`,
  };
  const path = ["spec", "failureBackoff", "initial"];
  const value = initial.value.text;
  const home = isReadByGo(value) && isReadByGo(max.value.text) ? "cel" : "code";
  return [problemOf(fault, { rule: "DROP1017", home, path, value })];
}

/** Whether the API server can compare the duration by itself, in CEL. */
function isReadByGo(text: string): boolean {
  return goNanoseconds(text) !== undefined;
}
