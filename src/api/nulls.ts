import type { FieldPath, Problem } from "./problem.ts";
import { isRecord, recordOf, type UnknownRecord } from "./record.ts";
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

/** The value itself where nothing is to be dropped, as is nearly always so. */
function prune(place: Place): unknown {
  const { value } = place;
  if (Array.isArray(value)) return pruneList(place, value);
  return isRecord(value) ? pruneMapping(place, value) : value;
}

function pruneList({ schema, path, problems }: Place, list: readonly unknown[]): unknown {
  const items = schema.items;
  if (items === undefined) return list;
  const most = limit(schema["maxItems"]);
  let isSame = list.length <= most;
  const kept = list.slice(0, most).map((item, index) => {
    const pruned = prune({ schema: items, value: item, path: [...path, index], problems });
    isSame &&= pruned === item;
    return pruned;
  });
  return isSame ? list : kept;
}

function pruneMapping(place: Place, mapping: UnknownRecord): unknown {
  const { properties } = place.schema;
  const most = properties === undefined ? limit(place.schema["maxProperties"]) : UNKNOWN_FIELDS;
  const keys = Object.keys(mapping);
  let unknownFields = 0;
  let isSame = true;
  const values = keys.map((key) => {
    const child = mapping[key];
    const isKnown = properties !== undefined && Object.hasOwn(properties, key);
    if (!isKnown) unknownFields += 1;
    const pruned = isKnown || unknownFields <= most ? pruneEntry(place, key, child) : DROPPED;
    isSame &&= pruned === child;
    return pruned;
  });
  if (isSame) return mapping;
  const entries = keys.map((key, index) => [key, values[index]] as const);
  return recordOf(entries.filter(([, value]) => value !== DROPPED));
}

/** In place of the value of an entry that goes. */
const DROPPED = Symbol("dropped");

function pruneEntry({ schema, path, problems }: Place, key: string, child: unknown): unknown {
  const { properties = {}, additionalProperties } = schema;
  const field = Object.hasOwn(properties, key) ? properties[key] : undefined;
  const childSchema = field ?? (additionalProperties || undefined);
  if (childSchema === undefined) return child;
  // A plain value has nothing in it that could be null, so that its path need not be made.
  if (child !== null && typeof child !== "object") return child;
  const childPath = [...path, key];
  if (child !== null)
    return prune({ schema: childSchema, value: child, path: childPath, problems });
  if (field !== undefined) {
    problems.push(nullField(childPath));
    return DROPPED;
  }
  const isMeta = path[0] === "metadata";
  problems.push(nullEntry(childPath, isMeta));
  return isMeta ? "" : DROPPED;
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
