import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { parsePlan } from "../../src/renderer/plan/parse.ts";
import { fleetPlanJson, PLAN_VERSION, planJson, savedPlan } from "../../src/renderer/plan/text.ts";
import type { Plan, PlannedImage, SetPlan } from "../../src/renderer/plan.ts";

const ROOT = join(import.meta.dirname, "../..");
const schema = JSON.parse(await readFile(join(ROOT, "schemas/plan.schema.json"), "utf8"));
const validate = new Ajv2020({ strict: true, strictRequired: false, allErrors: true }).compile(
  schema,
);

function assertValid(plan: unknown): void {
  assert.ok(validate(plan), JSON.stringify(validate.errors));
}

test("the plans of the golden cases are as the schema says", async () => {
  const folder = join(ROOT, "test/golden/render");
  const names = await readdir(folder);
  assert.ok(names.length > 0);
  for (const name of names) {
    const text = await readFile(join(folder, name, "expected/plan.json"), "utf8");
    assertValid(JSON.parse(text));
    assert.ok(parsePlan(text).ok, name);
  }
  assert.equal(schema.$defs.plan.properties.version.const, PLAN_VERSION);
});

const text = fc.string({ unit: "grapheme", maxLength: 20 });
const image: fc.Arbitrary<PlannedImage> = fc
  .record({
    change: fc.constantFrom("added", "kept", "updated", "removed"),
    image: fc.integer({ min: 0, max: 9 }).map((number) => `quay.io/x/app-${number}:1`),
    origin: fc.constantFrom("static", "discovered"),
    reason: text,
    found: fc.option(fc.record({ source: text, part: text, rank: fc.integer({ min: 1 }) })),
    replaces: fc.option(fc.constant("quay.io/x/app:0")),
  })
  .map(({ found, replaces, ...rest }) => ({
    ...rest,
    ...(found && { found }),
    ...(replaces && { replaces }),
  }));
const conflict = fc.record({ path: fc.constant("web/a.yaml"), what: text, fix: text });
const images = fc.array(image, { maxLength: 5 });
const set = fc
  .record({ images, conflicts: fc.array(conflict, { maxLength: 2 }), refused: fc.boolean() })
  .map(({ images, conflicts, refused }): Omit<SetPlan, "set"> => {
    const removals = images.filter(({ change }) => change === "removed");
    const rest = { conflicts, actions: [] };
    if (!refused || removals.length === 0) return { state: "rendered", images, ...rest };
    const guard = { counts: "discovered", before: 9, allowed: 0, removals } as const;
    return { state: "refused", images: [], guard, ...rest };
  });
const plan = fc
  .record({
    sets: fc.array(set, { maxLength: 4 }),
    conflicts: fc.array(conflict, { maxLength: 2 }),
  })
  .map(
    ({ sets, conflicts }): Plan => ({
      sets: sets.map((one, index) => ({ set: `s${index}`, ...one })),
      conflicts,
      actions: [
        { type: "write", path: "s0/a.yaml", text: "a" },
        { type: "remove", path: "s0/b.yaml" },
      ],
    }),
  );

test("every plan is as the schema says, and is read back with exactly its removals", () => {
  fc.assert(
    fc.property(plan, (one) => {
      const saved = planJson(one);
      assertValid(JSON.parse(saved));
      const read = parsePlan(saved);
      assert.ok(read.ok);
      const expected = one.sets.map(({ set, images, guard }) => {
        const all = [...images, ...(guard?.removals ?? [])];
        const gone = all.filter(({ change }) => change === "removed").map(({ image }) => image);
        return [set, new Set(gone)] as const;
      });
      assert.deepEqual(read.value, new Map(expected));
    }),
    { numRuns: 200 },
  );
});

test("the plans of a fleet are as the schema says, and each target reads back its own", () => {
  fc.assert(
    fc.property(plan, plan, (one, other) => {
      const text = fleetPlanJson([
        { name: "one", exitCode: 0, plan: savedPlan(one) },
        { name: "broken", exitCode: 2 },
        { name: "other", exitCode: 4, plan: savedPlan(other) },
      ]);
      assertValid(JSON.parse(text));
      const hasSiblings = true;
      assert.deepEqual(parsePlan(text, { target: "one", hasSiblings }), parsePlan(planJson(one)));
      assert.deepEqual(parsePlan(text, { target: "other" }), parsePlan(planJson(other)));
      for (const target of ["broken", "absent", "__proto__"]) {
        assert.deepEqual(parsePlan(text, { target }), { ok: true, value: new Map() });
      }
      assert.ok(!parsePlan(text).ok);
      assert.ok(!parsePlan(planJson(one), { target: "one", hasSiblings }).ok);
    }),
    { numRuns: 50 },
  );
});

const SAVED = planJson({
  sets: [
    {
      set: "web",
      state: "rendered",
      images: [{ change: "removed", image: "quay.io/a/b:1", origin: "discovered", reason: "gone" }],
      conflicts: [],
      actions: [],
    },
  ],
  conflicts: [],
  actions: [],
});

const broken: readonly [name: string, text: string][] = [
  ["nothing", ""],
  ["no JSON", "kind: List"],
  ["a list", "[]"],
  ["null", "null"],
  ["JSON nested without end", "[".repeat(200_000)],
  ["another version", SAVED.replace('"version": 1', '"version": 2')],
  ["no version", SAVED.replace('"version": 1,', "")],
  ["a stray field", SAVED.replace('"version": 1,', '"version": 1, "__proto__": {},')],
  ["no totals", SAVED.replace('"totals"', '"files"')],
  ["files that are no list", SAVED.replace('"files": []', '"files": 3')],
  ["a set without a name", SAVED.replace('"set": "web",', "")],
  ["a set's name that is a path", SAVED.replace('"web"', '"../web"')],
  ["a set's name that is inherited", SAVED.replace('"set"', '"__proto__"')],
  ["images that are no list", SAVED.replace(/"images": \[[\s\S]*?\]/, '"images": {"length": 1}')],
  ["an unheard-of change", SAVED.replace('"removed",', '"vanished",')],
  ["an image that is no reference", SAVED.replace("quay.io/a/b:1", "quay.io/a b:1")],
  ["an image that is not normalised", SAVED.replace("quay.io/a/b:1", "nginx:1")],
  ["an endless image", SAVED.replace("quay.io/a/b:1", `quay.io/${"a".repeat(100_000)}:1`)],
  ["a guard of another shape", SAVED.replace('"conflicts": []', '"guard": [], "conflicts": []')],
  ["the same set twice", SAVED.replace(/("sets": \[)([\s\S]*?\n {4}\})/, "$1$2,$2")],
];

test("a saved plan that is not quite one is refused, and says what to do", () => {
  assert.ok(parsePlan(SAVED).ok);
  for (const [name, text] of broken) {
    assert.notEqual(text, SAVED, name);
    const read = parsePlan(text);
    assert.ok(!read.ok, name);
    assert.match(read.fault.fix, /drop render --dry-run -o json/, name);
    assert.ok(read.fault.what.length < 300, name);
  }
});

test("no text makes reading a plan throw", () => {
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string(), fc.jsonValue().map(inPlan)), (text) => {
      parsePlan(text);
    }),
    { numRuns: 500 },
  );
});

function inPlan(value: unknown): string {
  return JSON.stringify({ version: 1, totals: {}, sets: [value, { set: "a", images: [value] }] });
}
