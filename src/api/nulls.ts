import type { FieldPath, Problem } from "./problem.ts";
import { isRecord, recordOf } from "./record.ts";
import type { Schema } from "./schema.ts";

/** A value as the API server sees it after pruning, with a problem for each null that it would drop. */
export interface Pruned {
  readonly value: unknown;
  readonly problems: readonly Problem[];
}

/**
 * Drops nulls as the API server does on create: of fields, and of entries in maps. The first is a warning, the second
 * a mistake, since a selector without its entry means all nodes. A null in a list stays, and the schema refuses it. Lists and maps are cut one past their limit, so that
 * a hostile one costs no more than a permitted one; what is left is still too long and refused as such.
 */
export function withoutNulls(schema: Schema, value: unknown): Pruned {
  const problems: Problem[] = [];
  return { value: prune({ schema, value, path: [], problems }), problems };
}

interface Place {
  readonly schema: Schema;
  readonly value: unknown;
  readonly path: FieldPath;
  readonly problems: Problem[];
}

function prune({ schema, value, path, problems }: Place): unknown {
  if (Array.isArray(value)) {
    const items = schema.items;
    if (items === undefined) return value;
    return value
      .slice(0, limit(schema["maxItems"]))
      .map((item, index) =>
        prune({ schema: items, value: item, path: [...path, index], problems }),
      );
  }
  return isRecord(value) ? recordOf(entries({ schema, value, path, problems })) : value;
}

function entries(place: Place): (readonly [string, unknown])[] {
  const { schema, value } = place;
  const known = (key: string) => Object.hasOwn(schema.properties ?? {}, key);
  const all = Object.entries(value ?? {});
  const most = schema.properties === undefined ? limit(schema["maxProperties"]) : UNKNOWN_FIELDS;
  const others = new Set(
    all
      .map(([key]) => key)
      .filter((key) => !known(key))
      .slice(0, most),
  );
  return all
    .filter(([key]) => known(key) || others.has(key))
    .flatMap(([key, child]) => entry(place, key, child));
}

function entry(
  { schema, path, problems }: Place,
  key: string,
  child: unknown,
): (readonly [string, unknown])[] {
  const { properties = {}, additionalProperties } = schema;
  const field = Object.hasOwn(properties, key) ? properties[key] : undefined;
  const childSchema = field ?? (additionalProperties || undefined);
  if (childSchema === undefined) return [[key, child]];
  const childPath = [...path, key];
  if (child !== null)
    return [[key, prune({ schema: childSchema, value: child, path: childPath, problems })]];
  if (field !== undefined) {
    problems.push(nullField(childPath));
    return [];
  }
  const isMeta = path[0] === "metadata";
  problems.push(nullEntry(childPath, isMeta));
  return isMeta ? [[key, ""]] : [];
}

/** How many fields unknown to the schema are looked at in one object. */
const UNKNOWN_FIELDS = 20;
/** Entries looked at in a list or map without a limit of its own, such as annotations. */
const UNLIMITED = 10_000;

function limit(most: unknown): number {
  return typeof most === "number" ? most + 1 : UNLIMITED;
}

function nullField(path: FieldPath): Problem {
  return {
    rule: "DROP2006",
    home: "code",
    reason: "FieldValueInvalid",
    path,
    what: "the field is set to null: kubectl create drops it, server-side apply refuses it",
    fix: "remove the line or give it a value",
  };
}

/** In labels and annotations the API server takes null for an empty text, in every other map for nothing. */
function nullEntry(path: FieldPath, isMeta: boolean): Problem {
  const fate = isMeta ? "takes it for an empty text" : "removes it without a word";
  return {
    rule: "DROP1026",
    home: "file",
    reason: "FieldValueInvalid",
    path,
    value: null,
    what: `the entry is null: the API server ${fate}`,
    fix: 'write a value, "" for an empty one, or remove the entry',
  };
}
