import assert from "node:assert/strict";
import { test } from "node:test";
import { planAuthorities } from "../../src/webhook/authority-plan.ts";

const TIMES = { settleMs: 10, retireMs: 60 };
const made = (name: string, createdAt: number) => ({
  certPem: name,
  createdAt,
  notAfter: createdAt + 900,
});
const [old, next] = [made("old", 0), made("next", 600)];

/** What is decided at each moment of a change, as people would tell it. */
const ROWS: readonly (readonly [
  string,
  readonly ReturnType<typeof made>[],
  number,
  string,
  string | undefined,
  boolean,
])[] = [
  ["nothing there yet: one is made", [], 0, "", undefined, true],
  ["the first signs at once", [old], 1, "old", "old", false],
  ["before two thirds of its life it stays", [old], 599, "old", "old", false],
  ["at two thirds another is due", [old], 600, "old", "old", true],
  ["the new one is trusted, the old one signs", [old, next], 601, "next old", "old", false],
  ["settled, the new one signs, both are trusted", [next, old], 611, "next old", "next", false],
  ["in the end the old one is forgotten", [old, next], 661, "next", "next", false],
  ["an expired one is forgotten in any case", [old, next], 901, "next", "next", false],
  ["all expired: one is made", [old], 901, "", undefined, true],
];

for (const [what, authorities, now, kept, signer, isNewDue] of ROWS) {
  test(what, () => {
    const plan = planAuthorities(authorities, now, TIMES);
    assert.equal(plan.kept.map(({ certPem }) => certPem).join(" "), kept);
    assert.equal(plan.signer?.certPem, signer);
    assert.equal(plan.isNewDue, isNewDue);
    assert.deepEqual(planAuthorities(authorities.toReversed(), now, TIMES), plan);
  });
}
