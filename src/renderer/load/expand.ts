import type { Document } from "yaml";
import type { Fault } from "../../api/parsed.ts";
import { printable } from "../../api/printable.ts";

export const TOO_DEEP: Fault = {
  what: "the document is nested too deeply to be read",
  fix: "write it with less nesting",
};

const TOO_MANY: Fault = {
  what: "the document's aliases expand to more than can be read",
  fix: "write the repeated part out",
};

const ENDLESS: Fault = {
  what: "an anchor contains an alias to itself, so that the document has no end",
  fix: "write the part out as far as it is meant",
};

/** Uses of one anchor times what it holds. */
const MAX_ALIASES = 10_000;

/** The value of a document with its aliases in place, unless they multiply or go round in circles. */
export function expand(
  document: Document.Parsed,
):
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly fault: Fault; readonly alias?: string } {
  try {
    const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
    return isEndless(value, new Map()) ? { ok: false, fault: ENDLESS } : { ok: true, value };
  } catch (error) {
    // The library's one signal for aliases that multiply, and the language's one for a stack that is full.
    if (error instanceof ReferenceError) return { ok: false, ...refused(error.message) };
    if (error instanceof RangeError) return { ok: false, fault: TOO_DEEP };
    throw error;
  }
}

/** Why the library could not put an alias in its place; of one that names nothing, which it is. */
function refused(message: string): { readonly fault: Fault; readonly alias?: string } {
  const alias = /^Unresolved alias .*: (.*)$/s.exec(message)?.[1];
  if (alias === undefined) return { fault: TOO_MANY };
  const what = `not YAML: no anchor ${printable(`&${alias}`, 60)} stands before this alias`;
  return { alias, fault: { what, fix: "put the text in quotes, or correct the alias" } };
}

/** Whether a value contains itself. Each part is looked at once, however often it is used. */
function isEndless(value: unknown, seen: Map<unknown, "open" | "done">): boolean {
  if (typeof value !== "object" || value === null) return false;
  const state = seen.get(value);
  if (state !== undefined) return state === "open";
  seen.set(value, "open");
  for (const child of Object.values(value)) if (isEndless(child, seen)) return true;
  seen.set(value, "done");
  return false;
}
