import assert from "node:assert/strict";
import { test } from "node:test";
import { Ajv } from "ajv";
import fc from "fast-check";
import { RE2JS } from "re2js";
import { surelyConforms } from "../../src/api/conformance.ts";
import type { Schema } from "../../src/api/schema.ts";
import { SCHEMAS } from "../../src/api/schemas.gen.ts";
import { KINDS } from "../../src/api/types.gen.ts";

const ajv = new Ajv({
  strict: false,
  code: { regExp: Object.assign((pattern: string) => RE2JS.compile(pattern), { code: "re2" }) },
});
ajv.addFormat("int32", {
  type: "number",
  validate: (value) => value >= -(2 ** 31) && value < 2 ** 31,
});
ajv.addFormat("int64", { type: "number", validate: (value) => Math.abs(value) < 2 ** 63 });
ajv.addFormat("date-time", /^2/);

/** Values that keep a schema, up to its limits. */
function rightOnes(schema: Schema): fc.Arbitrary<unknown> {
  if (schema.type === "string") return texts(schema);
  if (schema.type === "integer") {
    const { minimum, maximum } = schema;
    const edges = [minimum ?? -7, maximum ?? 7].filter((edge) => typeof edge === "number");
    return fc.constantFrom(...edges);
  }
  if (schema.type === "boolean") return fc.boolean();
  if (schema.type === "array") {
    return fc.array(rightOnes(schema.items ?? {}), { minLength: 1, maxLength: 3 });
  }
  const { properties = {}, additionalProperties, required = [] } = schema;
  // A date is never judged, and with every date nearly no status would be.
  const fields = Object.entries(properties).filter(
    ([name, { format }]) => format !== "date-time" || required.includes(name),
  );
  const model = Object.fromEntries(fields.map(([name, field]) => [name, rightOnes(field)]));
  const known = fc.record<Record<string, unknown>>(model, { requiredKeys: [...required] });
  if (!additionalProperties) return known;
  const keys = fc.constantFrom("x", "__proto__", "constructor");
  return fc.dictionary(keys, rightOnes(additionalProperties), { maxKeys: 2 });
}

function texts(schema: Schema): fc.Arbitrary<unknown> {
  if (Array.isArray(schema["enum"])) return fc.constantFrom(...schema["enum"]);
  if (schema["const"] !== undefined) return fc.constant(schema["const"]);
  if (schema["pattern"] !== undefined) return fc.constant("a");
  if (schema["format"] !== undefined) return fc.constant("2026-01-31T08:00:00Z");
  const { minLength, maxLength } = schema;
  const lengths = [minLength ?? 0, maxLength ?? 9].filter((length) => typeof length === "number");
  return fc
    .tuple(fc.constantFrom(..."aaaaééé", "😀"), fc.constantFrom(...lengths))
    .map(([letter, length]) => letter.repeat(length));
}

const ODD = [
  ...[null, "", "-", "a".repeat(64), "😀".repeat(600), true, [], {}, { x: 0 }],
  ...[0, -1, 1.5, 1e9, 2 ** 31, 2 ** 53, 2 ** 63],
];

/** The value with one of its parts replaced, added or, without `odd`, taken away. */
function changed(value: unknown, choice: number, odd: unknown): unknown {
  const places = [...placesIn(value)];
  const place = places[choice % places.length];
  if (place === undefined) return odd;
  if (odd === undefined) delete place.parent[place.key];
  else place.parent[place.key] = odd;
  return value;
}

function* placesIn(value: unknown): Generator<{ parent: Record<string, unknown>; key: string }> {
  if (typeof value !== "object" || value === null) return;
  const parent: Record<string, unknown> = Object.assign(value);
  yield { parent, key: Array.isArray(value) ? String(value.length) : "strange" };
  for (const key of Object.keys(parent)) {
    yield { parent, key };
    yield* placesIn(parent[key]);
  }
}

for (const kind of KINDS) {
  test(`what surely conforms to the schema of ${kind} does so by the standard`, () => {
    const validate = ajv.compile({ ...SCHEMAS[kind] });
    let sure = 0;
    fc.assert(
      fc.property(
        rightOnes(SCHEMAS[kind]),
        fc.nat(),
        fc.constantFrom(...ODD, undefined),
        (right, choice, odd) => {
          for (const value of [right, changed(structuredClone(right), choice, odd)]) {
            if (!surelyConforms(SCHEMAS[kind], value)) continue;
            sure += 1;
            assert.ok(validate(value), ajv.errorsText(validate.errors));
          }
        },
      ),
      { numRuns: 3_000 },
    );
    assert.ok(sure > 100, `only ${sure} values were sure to conform`);
  });
}

const limits: readonly (readonly [Schema, sure: unknown, other: unknown])[] = [
  [{ type: "string", maxLength: 2 }, "ab", "abc"],
  [{ type: "string", minLength: 2 }, "abc", "😀"],
  [{ type: "string", pattern: "^a+$" }, "aa", "ab"],
  [{ type: "string", enum: ["a", "b"] }, "b", "c"],
  [{ type: "string", const: "a" }, "a", "b"],
  [{ type: "string" }, "2026-01-31", 2026],
  [{ type: "string", format: "date-time" }, undefined, "2026-01-31T08:00:00Z"],
  [{ type: "integer", format: "int32" }, 2 ** 31 - 1, 2 ** 31],
  [{ type: "integer", format: "int64" }, 2 ** 53 - 1, 2 ** 53],
  [{ type: "integer", minimum: 1 }, 1, 0],
  [{ type: "integer", maximum: 1 }, 1, 2],
  [{ type: "integer" }, -1, 0.5],
  [{ type: "boolean" }, false, 0],
  [{ type: "array", minItems: 1 }, [0], []],
  [{ type: "array", maxItems: 1 }, [0], [0, 0]],
  [{ type: "array", items: { type: "boolean" } }, [true], [true, null]],
  [{ type: "object", maxProperties: 1 }, { a: 0 }, { a: 0, b: 0 }],
  [{ type: "object", required: ["constructor"] }, { constructor: 0 }, {}],
  [{ type: "object", additionalProperties: false }, {}, JSON.parse('{"__proto__": 0}')],
  [{ type: "object", additionalProperties: { type: "string" } }, { a: "" }, { a: 0 }],
  [{ type: "object", properties: { a: { type: "string" } } }, { a: "", b: 0 }, { a: 0 }],
  [{ type: "object" }, {}, []],
  [{ type: "null" }, undefined, null],
];

test("each keyword is heeded, and where one is not judged nothing is sure", () => {
  for (const [schema, sure, other] of limits) {
    const words = JSON.stringify(schema);
    if (sure !== undefined) assert.equal(surelyConforms(schema, sure), true, words);
    assert.equal(surelyConforms(schema, other), false, words);
  }
});

/** Those that say nothing about a value to a validator. */
const NOTES = ["default", "x-kubernetes-validations", "x-kubernetes-list-type"];

test("the schemas have no keyword but those", () => {
  const judged = new Set([...limits.flatMap(([schema]) => Object.keys(schema)), ...NOTES]);
  judged.add("x-kubernetes-list-map-keys");
  const open: Schema[] = Object.values(SCHEMAS);
  for (let schema = open.pop(); schema !== undefined; schema = open.pop()) {
    const { properties = {}, items, additionalProperties } = schema;
    for (const keyword of Object.keys(schema)) assert.ok(judged.has(keyword), keyword);
    open.push(...Object.values(properties), ...(items ? [items] : []));
    if (additionalProperties) open.push(additionalProperties);
  }
});
