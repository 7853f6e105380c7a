import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  isRecorded,
  parseStarts,
  STARTS_ANNOTATION,
  startsAnnotations,
} from "../../../src/reconciler/loop/starts.ts";

test("starts come back from their annotation as they were", () => {
  const starts = fc.dictionary(fc.string(), fc.integer({ min: 0, max: 2 ** 45 }), { maxKeys: 50 });
  fc.assert(
    fc.property(starts, (given) => {
      assert.deepEqual({ ...parseStarts(startsAnnotations(given)) }, { ...given });
    }),
  );
});

test("an annotation that a person changed tells what can still be read, and never fails", () => {
  for (const [text, starts] of [
    ["", {}],
    ["{", {}],
    ["[1]", {}],
    ["null", {}],
    ['{"a":1,"b":"2","c":null}', { a: 1 }],
    ["1e999", {}],
  ] as const) {
    assert.deepEqual(parseStarts({ [STARTS_ANNOTATION]: text }), starts, text);
  }
  assert.deepEqual(parseStarts({}), {});
});

test("of more policies than an annotation has room for, the last to start are kept", () => {
  const many = Object.fromEntries(Array.from({ length: 2_500 }, (_, n) => [`policy-${n}`, n]));
  const annotations = startsAnnotations(many);
  const kept = parseStarts(annotations);
  assert.equal(Object.keys(kept).length, 2_000);
  assert.equal(kept["policy-2499"], 2_499);
  assert.equal(kept["policy-499"], undefined);
  assert.ok((annotations[STARTS_ANNOTATION]?.length ?? 0) < 200_000);
});

test("a Pod is kept as the record of its policy's last start until that delays nothing, or the Lease has it", () => {
  const createdAt = 1_000_000;
  const ago = (start: { readonly last: number; readonly recorded: number }, waitedMs: number) => {
    return { createdAt, ...start, minDelayMs: 10_000, now: start.last + waitedMs };
  };
  for (const [what, start, recorded] of [
    ["the Lease knows nothing", ago({ last: createdAt + 400, recorded: 0 }, 3_000), false],
    ["it is behind", ago({ last: createdAt + 400, recorded: createdAt - 5_000 }, 3_000), false],
    ["it has it", ago({ last: createdAt + 400, recorded: createdAt + 400 }, 3_000), true],
    ["another Pod started since", ago({ last: createdAt + 2_500, recorded: 0 }, 3_000), true],
    ["another may have started", ago({ last: createdAt + 1_500, recorded: 0 }, 3_000), false],
    ["the delay is nearly over", ago({ last: createdAt + 400, recorded: 0 }, 9_999), false],
    ["the delay is over", ago({ last: createdAt + 400, recorded: 0 }, 10_000), true],
  ] as const) {
    assert.equal(isRecorded(start), recorded, what);
  }
});
