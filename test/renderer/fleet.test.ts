import assert from "node:assert/strict";
import { test } from "node:test";
import { formatPath, problemText } from "../../src/api/problem.ts";
import { decodeFleet } from "../../src/renderer/fleet.ts";

const place = { shownAs: "fleet/drop.yaml", absolute: "/repo/fleet/drop.yaml" };

test("a fleet's paths are relative to its drop.yaml", () => {
  const fleet = decodeFleet(
    {
      targets: [
        { name: "prod", inputs: ["sets", "../shared.yaml", "/etc/sets"], outputDir: "out/prod" },
        { name: "edge", kustomize: "overlays/edge", outputDir: "out/edge", maxRemovals: "10%" },
      ],
    },
    place,
  );
  assert.deepEqual(fleet, {
    targets: [
      {
        name: "prod",
        inputs: ["fleet/sets", "shared.yaml", "/etc/sets"],
        outputDir: "fleet/out/prod",
      },
      {
        name: "edge",
        inputs: [],
        kustomize: "fleet/overlays/edge",
        outputDir: "fleet/out/edge",
        maxRemovals: "10%",
      },
    ],
  });
});

const target = { name: "prod", inputs: ["sets"], outputDir: "out" };

const BAD: readonly (readonly [string, unknown, string, RegExp])[] = [
  ["nothing", null, "", /is not a mapping/],
  ["a list", [], "", /is not a mapping/],
  ["no targets", {}, "targets", /add the field "targets"/],
  ["empty targets", { targets: [] }, "targets", /write at least one entry/],
  [
    "a misspelt field",
    { targets: [{ ...target, outputdir: "x" }] },
    "targets[0].outputdir",
    /did you mean "outputDir"/,
  ],
  [
    "no output folder",
    { targets: [{ name: "a", inputs: ["x"] }] },
    "targets[0].outputDir",
    /add the field/,
  ],
  [
    "neither inputs nor kustomize",
    { targets: [{ name: "a", outputDir: "o" }] },
    "targets[0]",
    /write one of the two/,
  ],
  [
    "both inputs and kustomize",
    { targets: [{ ...target, kustomize: "k" }] },
    "targets[0]",
    /write one of the two/,
  ],
  [
    "a number of removals without a sense",
    { targets: [{ ...target, maxRemovals: "many" }] },
    "targets[0].maxRemovals",
    /"5" or "30%"/,
  ],
  [
    "more than all removals",
    { targets: [{ ...target, maxRemovals: "101%" }] },
    "targets[0].maxRemovals",
    /"30%"/,
  ],
  [
    "a name twice",
    { targets: [target, { ...target, outputDir: "b" }] },
    "targets[1].name",
    /rename one/,
  ],
  [
    "a folder twice",
    { targets: [target, { ...target, name: "b" }] },
    "targets[1].outputDir",
    /folder of its own/,
  ],
  [
    "a folder within another",
    { targets: [target, { ...target, name: "b", outputDir: "./out/b/" }] },
    "targets[1].outputDir",
    /folder of its own/,
  ],
  [
    "a folder above another",
    { targets: [target, { ...target, name: "b", outputDir: "out/.." }] },
    "targets[1].outputDir",
    /folder of its own/,
  ],
  [
    "the same folder by an absolute path",
    { targets: [target, { ...target, name: "b", outputDir: "/repo/fleet/out" }] },
    "targets[1].outputDir",
    /folder of its own/,
  ],
];

for (const [name, value, path, words] of BAD) {
  test(`a drop.yaml with ${name} is refused with its place and a fix`, () => {
    const fleet = decodeFleet(value, place);
    assert.ok("problems" in fleet);
    const [first] = fleet.problems;
    assert.ok(first);
    assert.equal(formatPath(first.path), path);
    assert.match(problemText(first), words);
  });
}

test("folders beside each other with a common beginning are no conflict", () => {
  const fleet = decodeFleet(
    { targets: [target, { ...target, name: "b", outputDir: "out-b" }] },
    place,
  );
  assert.ok("targets" in fleet);
});
