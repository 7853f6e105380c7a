import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

/** The part of a structural OpenAPI v3 schema that the CRDs use. */
export interface Schema {
  type?: string;
  format?: string;
  description?: string;
  default?: unknown;
  enum?: unknown[];
  const?: string;
  required?: string[];
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | false;
  items?: Schema;
  "x-kubernetes-validations"?: CelValidation[];
  [keyword: string]: unknown;
}

/** One CEL rule as a CRD writes it. */
export interface CelValidation {
  rule: string;
  message: string;
  reason?: string;
  fieldPath?: string;
}

/** One kind: its names, its columns, and the schema of its only version. */
export interface Kind {
  readonly kind: string;
  readonly plural: string;
  readonly shortNames: readonly string[];
  readonly columns: readonly { readonly name: string; readonly jsonPath: string }[];
  readonly schema: Schema;
}

/** Reads every CustomResourceDefinition in `dir`, by kind, in file order. */
export function readKinds(dir: string): readonly Kind[] {
  const files = readdirSync(dir).filter((file) => file !== "kustomization.yaml");
  return files.sort().map((file) => readKind(readFileSync(join(dir, file), "utf8")));
}

function readKind(text: string): Kind {
  const { spec } = parse(text);
  const [version] = spec.versions;
  return {
    kind: spec.names.kind,
    plural: spec.names.plural,
    shortNames: spec.names.shortNames,
    columns: version.additionalPrinterColumns,
    schema: version.schema.openAPIV3Schema,
  };
}

/** Calls `visit` for `schema` and everything below it, with the field path, `*` for the items of a list or map. */
export function walk(
  schema: Schema,
  visit: (schema: Schema, path: readonly string[]) => void,
  path: readonly string[] = [],
): void {
  visit(schema, path);
  for (const [name, child] of Object.entries(schema.properties ?? {})) {
    walk(child, visit, [...path, name]);
  }
  if (schema.items) walk(schema.items, visit, [...path, "*"]);
  if (schema.additionalProperties) walk(schema.additionalProperties, visit, [...path, "*"]);
}
