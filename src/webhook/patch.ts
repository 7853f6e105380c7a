import { withDefaults } from "../api/defaults.ts";
import { isRecord } from "../api/record.ts";
import type { Kind } from "../api/types.gen.ts";

/** One operation of a JSONPatch (RFC 6902); only absent members are ever added. */
export interface AddOperation {
  readonly op: "add";
  readonly path: string;
  readonly value: unknown;
}

/** The additions that give an object the defaults of its kind, fewest first; none where every field is set. */
export function defaultsPatch(kind: Kind, object: unknown): readonly AddOperation[] {
  const operations: AddOperation[] = [];
  collect({ before: object, after: withDefaults(kind, object), path: "" }, operations);
  // The API server takes status from its own subresource only.
  return operations.filter(({ path }) => path !== "/status" && !path.startsWith("/status/"));
}

interface Place {
  readonly before: unknown;
  readonly after: unknown;
  readonly path: string;
}

/** Values that defaulting left alone are the same ones, so that only the way to new fields is walked. */
function collect({ before, after, path }: Place, operations: AddOperation[]): void {
  if (before === after) return;
  for (const [key, child] of entriesOf(after)) {
    const below = `${path}/${escaped(key)}`;
    const old = entryOf(before, key);
    if (old === undefined) operations.push({ op: "add", path: below, value: child });
    else collect({ before: old.value, after: child, path: below }, operations);
  }
}

function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  return isRecord(value) || Array.isArray(value) ? Object.entries(value) : [];
}

function entryOf(value: unknown, key: string): { readonly value: unknown } | undefined {
  const found = Object.getOwnPropertyDescriptor(value ?? {}, key);
  return found && { value: found.value };
}

function escaped(key: string): string {
  return key.replaceAll("~", "~0").replaceAll("/", "~1");
}
