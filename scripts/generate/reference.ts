import type { Kind, Schema } from "./crd.ts";

/** docs/reference.md: each kind with its columns, spec and status, field by field. */
export function referenceOf(kinds: readonly Kind[], apiVersion: string): string {
  const sections = kinds.map(kindSection);
  return `<!-- Generated from crds/ by \`npm run generate\`. Do not edit. -->
# Reference

Every kind of Drop is cluster-scoped and has the apiVersion \`${apiVersion}\`. The same text is in the cluster:
\`kubectl explain ${kinds[0]?.plural}.spec\`. What the rule ids in messages mean is in [rules.md](rules.md).

${sections.join("\n")}`;
}

function kindSection({ kind, plural, shortNames, columns, schema }: Kind): string {
  const shown = columns.map(({ name, jsonPath }) => `${name} (\`${jsonPath}\`)`).join(", ");
  const parts = ["spec", "status"].flatMap((part) => {
    const fields = schema.properties?.[part];
    return fields ? [`### ${kind} ${part}\n\n${fields.description}\n\n${table(fields)}`] : [];
  });
  return `## ${kind}

${schema.description}

\`kubectl get ${plural}\`, or \`${shortNames.join("`, `")}\`. Columns: ${shown}.

${parts.join("\n")}`;
}

function table(schema: Schema): string {
  const head = "| field | type | required | default | description |\n|---|---|---|---|---|\n";
  return `${head}${rows(schema, "").join("\n")}\n`;
}

function rows(schema: Schema, prefix: string): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const path = prefix + name;
    const required = schema.required?.includes(name) ? "yes" : "";
    const initial = field.default === undefined ? "" : `\`${JSON.stringify(field.default)}\``;
    const limits = limitsOf(field);
    const text = `${cell(field.description ?? "")}${limits ? ` (${limits})` : ""}`;
    const row = `| \`${path}\` | ${typeOf(field)} | ${required} | ${initial} | ${text} |`;
    const below = field.items?.properties
      ? rows(field.items, `${path}[].`)
      : rows(field, `${path}.`);
    return [row, ...below];
  });
}

function typeOf(field: Schema): string {
  if (field.enum) return field.enum.map((value) => `\`${JSON.stringify(value)}\``).join(", ");
  if (field.items) return `list of ${typeOf(field.items)}`;
  if (field.additionalProperties) return "map of strings";
  return field.format ?? field.type ?? "";
}

const LIMITS: Readonly<Record<string, (limit: unknown) => string>> = {
  maxLength: (limit) => `at most ${limit} characters`,
  minItems: (limit) => `at least ${limit}`,
  maxItems: (limit) => `at most ${limit} entries`,
  maxProperties: (limit) => `at most ${limit} entries`,
  minimum: (limit) => `at least ${limit}`,
  maximum: (limit) => `at most ${limit}`,
};

function limitsOf(field: Schema): string {
  return Object.entries(LIMITS)
    .flatMap(([keyword, words]) => (field[keyword] === undefined ? [] : [words(field[keyword])]))
    .join(", ");
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("<", "&lt;");
}
