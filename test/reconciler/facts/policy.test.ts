import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { DEFAULT_POLICY, policyFacts } from "../../../src/reconciler/facts/policy.ts";

function policy(spec?: unknown) {
  return policyFacts({ metadata: { name: "gentle" }, ...(spec !== undefined && { spec }) });
}

test("without a policy the CRD's defaults hold", () => {
  assert.deepEqual(DEFAULT_POLICY, {
    name: undefined,
    maxConcurrentNodes: 1,
    minDelayMs: 10_000,
    backoffInitialMs: 30_000,
    backoffMaxMs: 300_000,
    repullIntervalMs: undefined,
    pullTimeoutMs: 1_800_000,
    nodeSelector: {},
    tolerations: [],
    isSuspended: false,
  });
});

test("a policy that says nothing is the default under its own name", () => {
  assert.deepEqual(policy(), { ...DEFAULT_POLICY, name: "gentle" });
  assert.deepEqual(policy({}), { ...DEFAULT_POLICY, name: "gentle" });
});

test("a policy's durations are read as numbers, in every spelling of them", () => {
  const tolerations = [{ operator: "Exists" }];
  const spec = {
    ...{ maxConcurrentNodes: 7, minDelayBetweenPulls: "0", repullInterval: "7d" },
    ...{ failureBackoff: { initial: "1.5m", max: "1h30m" }, pullTimeout: "2h" },
    ...{ nodeSelector: { pool: "ci" }, tolerations, suspend: true },
  };
  assert.deepEqual(policy(spec), {
    name: "gentle",
    maxConcurrentNodes: 7,
    minDelayMs: 0,
    backoffInitialMs: 90_000,
    backoffMaxMs: 5_400_000,
    repullIntervalMs: 604_800_000,
    pullTimeoutMs: 7_200_000,
    nodeSelector: { pool: "ci" },
    tolerations,
    isSuspended: true,
  });
});

test("an interval of zero means never", () => {
  assert.equal(policy({ repullInterval: "0" })?.repullIntervalMs, undefined);
});

test("a policy with a mistake does not exist, so that nothing is pulled faster than meant", () => {
  const mistakes = [
    { minDelayBetweenPulls: "soon" },
    { maxConcurrentNodes: 0 },
    { failureBackoff: { initial: "1h", max: "5m" } },
    { nodeSelector: { pool: null } },
    { unknown: 1 },
    "x",
  ];
  for (const spec of mistakes) assert.equal(policy(spec), undefined, JSON.stringify(spec));
});

test("any JSON in a policy is read", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (spec, raw) => {
      policy(spec);
      policyFacts(raw);
    }),
  );
});
