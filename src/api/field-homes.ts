import type { Schema } from "./schema.ts";

/** Where in a kind fields of this name exist, as people write the path, `spec.images[].tag`; in its spec only. */
export function fieldHomes(schema: Schema, field: string, prefix = ""): readonly string[] {
  const found: string[] = [];
  for (const [name, child] of Object.entries(schema.properties ?? {})) {
    if (name === "status" || name === "metadata") continue;
    const path = prefix === "" ? name : `${prefix}.${name}`;
    if (name === field) found.push(path);
    found.push(...fieldHomes(child, field, path));
    if (child.items !== undefined) found.push(...fieldHomes(child.items, field, `${path}[]`));
  }
  return found;
}
