import type { ErrorObject } from "ajv";
import { fieldHomes } from "./field-homes.ts";
import { nearest } from "./nearest.ts";
import { shown } from "./printable.ts";
import type { CauseReason, FieldPath, Problem } from "./problem.ts";
import { isRecord, valueAt } from "./record.ts";
import type { RuleId } from "./rules/catalogue.ts";
import type { Schema } from "./schema.ts";

/** What a schema error means for the person who wrote the object. `root` is the schema of the whole kind. */
export function schemaProblem(error: ErrorObject, object: unknown, root: Schema): Problem {
  const path = pathOf(error.instancePath, object);
  const value = valueAt(object, path);
  const explain = EXPLAINED[error.keyword];
  if (explain === undefined) throw new Error(`a schema keyword without words: ${error.keyword}`);
  return { home: "schema", path, value, ...explain({ error, path, value, root }) };
}

interface Mistake {
  readonly error: ErrorObject;
  readonly path: FieldPath;
  readonly value: unknown;
  readonly root: Schema;
}

type Explained = Pick<Problem, "rule" | "reason" | "what" | "fix"> & Partial<Problem>;

const EXPLAINED: Readonly<Record<string, (mistake: Mistake) => Explained>> = {
  type: wrongType,
  required: missing,
  additionalProperties: unknownField,
  enum: notAllowed,
  const: notAllowed,
  pattern: ({ path }) => invalid("DROP1023", ...nameWords(path)),
  format: ({ value, error }) =>
    error.params["format"] === "date-time"
      ? invalid(
          "DROP1002",
          `${shown(value)} is no date with time`,
          "write it as 2026-01-31T08:00:00Z",
        )
      : outside(`${shown(value)} does not fit`, "write a number nearer to zero"),
  minimum: ({ value, error }) =>
    outside(`${shown(value)} is too small`, `write ${error.params["limit"]} or more`),
  maximum: ({ value, error }) =>
    outside(`${shown(value)} is too large`, `write ${error.params["limit"]} or less`),
  minLength: () =>
    outside("the value is empty", "write one, or remove the field where it is optional"),
  maxLength: ({ value, error }) =>
    outside(
      `it has ${Array.from(String(value)).length} characters: at most ${error.params["limit"]} are allowed`,
      "shorten it",
      "FieldValueTooLong",
    ),
  minItems: () => outside("the list is empty", "write at least one entry"),
  maxItems: ({ error }) =>
    outside(
      `the list is too long: at most ${error.params["limit"]} entries are allowed`,
      "divide them among several objects",
      "FieldValueTooMany",
    ),
  maxProperties: ({ error }) =>
    outside(
      `the mapping is too long: at most ${error.params["limit"]} entries are allowed`,
      "remove some",
      "FieldValueTooMany",
    ),
};

function invalid(rule: RuleId, what: string, fix: string): Explained {
  return { rule, reason: "FieldValueInvalid", what, fix };
}

function outside(what: string, fix: string, reason: CauseReason = "FieldValueInvalid"): Explained {
  return { rule: "DROP1005", reason, what, fix };
}

function nameWords(path: FieldPath): readonly [string, string] {
  if (path[0] === "metadata") {
    return [
      "not a name for a set: it becomes a label of each CachedImage",
      'write lower-case letters, digits and "-", beginning and ending with a letter or digit',
    ];
  }
  return [
    "not a name for a source",
    'write letters, digits, ".", "_" and "-", beginning and ending with a letter or digit',
  ];
}

const TYPES: Readonly<Record<string, string>> = {
  string: "a text",
  integer: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a mapping",
};

function wrongType({ error, value, path }: Mistake): Explained {
  const wanted = String(error.params["type"]);
  const what = `${shown(value)} is not ${TYPES[wanted] ?? wanted}`;
  return {
    rule: "DROP1002",
    reason: "FieldValueTypeInvalid",
    what,
    fix: typeFix(wanted, value, path),
  };
}

function typeFix(wanted: string, value: unknown, path: FieldPath): string {
  const field = path.findLast((step) => typeof step === "string") ?? "";
  if (wanted === "string" && (typeof value === "number" || typeof value === "boolean")) {
    return `put it in quotes: "${value}"`;
  }
  if (wanted === "integer" && typeof value === "string" && /^-?[0-9]+$/.test(value)) {
    return `write it without quotes: ${value}`;
  }
  if (wanted === "boolean") return "write true or false, without quotes";
  if (wanted === "array") return `write "${field}:" and below it each entry on a line with "- "`;
  if (wanted === "object" && typeof path.at(-1) === "number") {
    return "write the entry as a mapping of its fields";
  }
  if (wanted === "object") return `write "${field}:" and below it, indented, its fields`;
  return `write ${TYPES[wanted] ?? wanted}`;
}

function missing({ error, path }: Mistake): Explained {
  const field = String(error.params["missingProperty"]);
  const fix = `add the field "${field}"${EXAMPLES[field] ?? ""}`;
  const what = "the field is required and missing";
  return {
    rule: "DROP1003",
    reason: "FieldValueRequired",
    path: [...path, field],
    value: undefined,
    what,
    fix,
  };
}

const EXAMPLES: Readonly<Record<string, string>> = {
  image: ", for example image: docker.io/library/nginx",
  name: ", the name of the object that is meant",
  sources: " with at least one place to ask",
  type: ": prometheus or registry",
  endpoint: ", for example endpoint: https://prometheus.example.com",
  query: ", for example query: count(container_memory_working_set_bytes) by (image)",
  url: ", for example url: https://registry.example.com",
  repositories: " with at least one repository, for example library/nginx",
};

function notAllowed({ error, value }: Mistake): Explained {
  const allowed: unknown[] = error.params["allowedValues"] ?? [error.params["allowedValue"]];
  const words = allowed.filter((word) => word !== "").map(String);
  const near = typeof value === "string" ? nearest(value, words) : undefined;
  return {
    rule: "DROP1004",
    reason: "FieldValueNotSupported",
    what: `${shown(value)} is not one of ${words.join(", ")}`,
    fix: near === undefined ? `write one of ${words.join(", ")}` : `write ${near}`,
  };
}

function unknownField({ error, path, root }: Mistake): Explained {
  const field = String(error.params["additionalProperty"]);
  const known = Object.keys(error.parentSchema?.["properties"] ?? {});
  const near = nearest(field, known);
  const homes = near === undefined ? fieldHomes(root, field) : [];
  const elsewhere = homes.length > 0 ? `move it to ${homes.slice(0, 3).join(" or ")}` : undefined;
  const listed = known.length > 8 ? `${known.slice(0, 8).join(", ")}, …` : known.join(", ");
  return {
    rule: "DROP1001",
    reason: "FieldValueForbidden",
    path: [...path, field],
    value: undefined,
    atKey: true,
    what: `there is no field ${shown(field)} here`,
    fix:
      near === undefined
        ? (elsewhere ?? `remove it; known here are ${listed}`)
        : `did you mean "${near}"?`,
  };
}

function pathOf(pointer: string, object: unknown): FieldPath {
  const path: (string | number)[] = [];
  let value = object;
  for (const token of pointer.split("/").slice(1)) {
    const key = token.replaceAll("~1", "/").replaceAll("~0", "~");
    const step = Array.isArray(value) ? Number(key) : key;
    path.push(step);
    value = isRecord(value) || Array.isArray(value) ? valueAt(value, [step]) : undefined;
  }
  return path;
}
