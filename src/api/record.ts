/** A plain object as it comes from JSON or YAML. */
export type UnknownRecord = Readonly<Record<string, unknown>>;

/** Whether the value is a mapping, not null and not a list. */
export function isRecord(value: unknown): value is UnknownRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A field that the object itself has; what it inherits, such as `constructor`, does not count. */
export function own(record: unknown, key: string | number): unknown {
  if (Array.isArray(record)) return typeof key === "number" ? record[key] : undefined;
  return isRecord(record) && Object.hasOwn(record, key) ? record[key] : undefined;
}

/** The value at a path, undefined where the path ends early. */
export function valueAt(root: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((value, key) => own(value, key), root);
}

/** A record with these entries, each an own property whatever its name: `__proto__` is a name like any other. */
export function recordOf(entries: Iterable<readonly [string, unknown]>): UnknownRecord {
  return Object.fromEntries(entries);
}
