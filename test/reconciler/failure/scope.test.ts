import assert from "node:assert/strict";
import { test } from "node:test";
import { failureOf, scopeOf } from "../../../src/reconciler/failure/scope.ts";
import { FAILURE_REASONS, type FailureScope } from "../../../src/reconciler/model/failure.ts";

const EXPECTED: Readonly<Record<string, FailureScope>> = {
  ...{ NotFound: "image", Unauthorized: "image", Forbidden: "image", InvalidReference: "image" },
  ...{ PlatformMismatch: "platform", RateLimited: "registry", DNSError: "registry" },
  ...{ ConnectionRefused: "registry", TLSError: "registry", Timeout: "registry" },
  ...{ DiskPressure: "node", NodeRejected: "node", PodEvicted: "node" },
  ...{ PodRejected: "pod", QuotaExceeded: "namespace" },
  ...{ NotPresent: "cell", Evicted: "cell", Unknown: "cell" },
  ...{ PolicyNotFound: "image", Suspended: "image" },
};

test("every reason says something about one thing", () => {
  const scopes = FAILURE_REASONS.map((reason) => [reason, scopeOf(reason)]);
  assert.deepEqual(Object.fromEntries(scopes), EXPECTED);
});

test("a failure is of its reason's scope unless told otherwise", () => {
  assert.equal(failureOf("Timeout", "slow").scope, "registry");
  assert.equal(failureOf("Timeout", "slow", "cell").scope, "cell");
});
