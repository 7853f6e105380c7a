import type { Schema } from "../../src/api/schema.ts";
import { STATUS_SCHEMA, WHY_SCHEMA } from "../../src/reconciler/report/schema.ts";
import { FLEET_SCHEMA } from "../../src/renderer/fleet-schema.ts";
import type { Kind } from "./crd.ts";
import { referenceOf } from "./reference.ts";
import { rulesText } from "./rules.ts";
import { celRules, decodedSchema, defaultsOf } from "./schemas.ts";
import { typesOf } from "./types.ts";

const API_VERSION = "drop.corewire.io/v1alpha1";
const HEADER = "// Generated from crds/ by `npm run generate`. Do not edit.\n\n";

/** Every generated file with its text. Pure: the same CRDs give the same bytes. */
export function generatedFiles(kinds: readonly Kind[]): readonly (readonly [string, string])[] {
  return [
    ["src/api/types.gen.ts", HEADER + typesText(kinds)],
    ["src/api/schemas.gen.ts", HEADER + schemasText(kinds)],
    ["src/api/defaults.gen.ts", HEADER + defaultsText(kinds)],
    ["src/api/cel-rules.gen.ts", HEADER + celText(kinds)],
    ["docs/reference.md", referenceOf(kinds, API_VERSION)],
    ["docs/rules.md", rulesText()],
    ["schemas/drop.schema.json", schemaText("drop.yaml", FLEET_SCHEMA)],
    ["schemas/status.schema.json", schemaText("Report of drop status", STATUS_SCHEMA)],
    ["schemas/why.schema.json", schemaText("Report of drop why", WHY_SCHEMA)],
  ];
}

function schemaText(title: string, schema: Schema): string {
  const head = { $schema: "https://json-schema.org/draft/2020-12/schema", title };
  return `${JSON.stringify({ ...head, ...schema }, null, 2)}\n`;
}

function typesText(kinds: readonly Kind[]): string {
  const names = kinds.map(({ kind }) => JSON.stringify(kind));
  const union = kinds.map(({ kind }) => kind).join(" | ");
  const plurals = kinds
    .map(({ kind, plural }) => `  ${kind}: ${JSON.stringify(plural)},`)
    .join("\n");
  const byKind = kinds.map(({ kind }) => `  readonly ${kind}: ${kind};`).join("\n");
  return `import type { ObjectMeta } from "./object-meta.ts";

/** The group and version of every kind. */
export const API_VERSION = ${JSON.stringify(API_VERSION)};

/** The kinds, by name. */
export const KINDS = [${names.join(", ")}] as const;
export type Kind = (typeof KINDS)[number];

/** What the API server calls each kind in its paths. */
export const PLURALS: Readonly<Record<Kind, string>> = {
${plurals}
};

/** Any decoded object. */
export type DropObject = ${union};

export interface ObjectByKind {
${byKind}
}

${typesOf(kinds, API_VERSION)}`;
}

function schemasText(kinds: readonly Kind[]): string {
  const entries = kinds.map(
    (kind) => `  ${kind.kind}: ${JSON.stringify(decodedSchema(kind, API_VERSION))},`,
  );
  return `import type { Schema } from "./schema.ts";
import type { Kind } from "./types.gen.ts";

/** The JSON schema of each kind once its defaults are in. */
export const SCHEMAS: Readonly<Record<Kind, Schema>> = {\n${entries.join("\n")}\n};\n`;
}

function defaultsText(kinds: readonly Kind[]): string {
  const entries = kinds.map(({ kind, ...rest }) => {
    const rows = defaultsOf({ kind, ...rest }).map((row) => `    ${JSON.stringify(row)},`);
    return `  ${kind}: [\n${rows.join("\n")}\n  ],`;
  });
  return `import type { FieldDefault } from "./schema.ts";
import type { Kind } from "./types.gen.ts";

/** The default of each field that has one, parents before children; \`*\` stands for the items of a list. */
export const DEFAULTS: Readonly<Record<Kind, readonly FieldDefault[]>> = {\n${entries.join("\n")}\n};\n`;
}

function celText(kinds: readonly Kind[]): string {
  const rules = celRules(kinds).map((rule) => `  | ${JSON.stringify(rule)}`);
  return `/** The text of every CEL rule in the CRDs. */\nexport type CelRule =\n${rules.join("\n")};\n`;
}
