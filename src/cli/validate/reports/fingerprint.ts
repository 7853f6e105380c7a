import { createHash } from "node:crypto";
import type { LocatedProblem } from "../../../renderer/load/problem-at.ts";
import { reportedPath } from "./paths.ts";

/**
 * The identity of each problem from run to run, 32 hexadecimal digits, no two alike: the rule, the object and the
 * field, but not the line, so that a problem stays the same one when text above it comes or goes.
 */
export function fingerprints(
  problems: readonly LocatedProblem[],
  folder: string,
): readonly string[] {
  const seen = new Map<string, number>();
  return problems.map(({ file, rule, object, path }) => {
    const identity = [reportedPath(file, folder), rule, object?.kind, object?.name, ...path];
    const key = JSON.stringify(identity);
    const before = seen.get(key) ?? 0;
    seen.set(key, before + 1);
    return createHash("sha256").update(`${key}#${before}`).digest("hex").slice(0, 32);
  });
}
