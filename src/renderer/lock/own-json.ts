import { type Fault, faulty } from "../../api/parsed.ts";
import { shown } from "../../api/printable.ts";

/** The value of a JSON text, undefined when it is none. For files that Drop itself writes. */
export function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The fault of a field that Drop would not have written so; `again` says how to make the file anew. */
export function notAsWritten(
  field: string,
  value: unknown,
  again: string,
): { readonly ok: false; readonly fault: Fault } {
  return faulty(`its field "${field}" is not what Drop writes: ${shown(value)}`, again);
}
