import type { Kind, Schema } from "./crd.ts";
import { walk } from "./crd.ts";

/** Every field of a Kubernetes ObjectMeta that may stand in a file; anything else is a misspelling. */
const OBJECT_META: Schema = {
  type: "object",
  properties: {
    name: { type: "string" },
    generateName: { type: "string" },
    namespace: { type: "string" },
    labels: { type: "object", additionalProperties: { type: "string" } },
    annotations: { type: "object", additionalProperties: { type: "string" } },
    finalizers: { type: "array", items: { type: "string" } },
    ownerReferences: { type: "array", items: { type: "object" } },
    managedFields: { type: "array", items: { type: "object" } },
    creationTimestamp: { type: "string" },
    deletionTimestamp: { type: "string" },
    deletionGracePeriodSeconds: { type: "integer" },
    generation: { type: "integer" },
    resourceVersion: { type: "string" },
    selfLink: { type: "string" },
    uid: { type: "string" },
  },
};

/** The schema that an object fulfils once the defaults are in: closed, and with what has a default required. */
export function decodedSchema({ kind, schema }: Kind, apiVersion: string): Schema {
  const copy = structuredClone(schema);
  const properties = copy.properties ?? {};
  copy.required = [...new Set(["apiVersion", "kind", "metadata", ...(copy.required ?? [])])];
  properties["apiVersion"] = { ...properties["apiVersion"], const: apiVersion };
  properties["kind"] = { ...properties["kind"], const: kind };
  properties["metadata"] = mergedMeta(properties["metadata"] ?? {});
  walk(copy, close);
  return copy;
}

function mergedMeta(own: Schema): Schema {
  const name = own.properties?.["name"];
  const fields = { ...OBJECT_META.properties, ...(name ? { name } : {}) };
  return { ...own, ...OBJECT_META, properties: fields };
}

function close(schema: Schema): void {
  delete schema.description;
  // Kubernetes does not enforce these on its own lists in a way that differs from ours: decode checks keys itself.
  if (schema.properties === undefined) return;
  schema.additionalProperties = false;
  const defaulted = Object.keys(schema.properties).filter(
    (name) => schema.properties?.[name]?.default !== undefined,
  );
  const required = [...new Set([...(schema.required ?? []), ...defaulted])];
  if (required.length > 0) schema.required = required;
}

/** Each default of a kind with the path of its field, parents before children. */
export function defaultsOf({ schema }: Kind): { path: readonly string[]; value: unknown }[] {
  const found: { path: readonly string[]; value: unknown }[] = [];
  walk(schema, (field, path) => {
    if (field.default !== undefined) found.push({ path, value: field.default });
  });
  return found;
}

/** The text of every CEL rule of the kinds, sorted, each once. */
export function celRules(kinds: readonly Kind[]): readonly string[] {
  const rules = new Set<string>();
  for (const { schema } of kinds) {
    walk(schema, (field) => {
      for (const { rule } of field["x-kubernetes-validations"] ?? []) rules.add(rule);
    });
  }
  return [...rules].sort();
}
