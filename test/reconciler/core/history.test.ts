import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { absorb } from "../../../src/reconciler/ledger/absorb.ts";
import { TARGET } from "../../../src/reconciler/ledger/targets.ts";
import { createCluster } from "./cluster.ts";
import { histories } from "./history.ts";
import { createLeader, type Leader, runUntil } from "./leader.ts";
import { heal, obey, populate } from "./obey.ts";
import { createWarden } from "./pacing.ts";

/** More of them find rarer things: 5,000 take some minutes. */
const RUNS = Number(process.env["DROP_TEST_RUNS"] ?? 100);

test("over any history the pacing holds, nothing is done twice, and in the end every target has its images", () => {
  fc.assert(
    fc.property(fc.integer(), histories, (seed, history) => {
      const cluster = createCluster(seed);
      const warden = createWarden(cluster);
      const leader = createLeader(cluster, {
        onCreate: ({ request }) => warden.created(request),
      });
      populate(cluster);
      for (const command of history) obey(leader, command);
      heal(cluster);
      // The longest wait is that after evictions, a day.
      runUntil(leader, cluster.now + 26 * 3_600_000);
      assert.deepEqual(lacking(leader), []);
    }),
    { numRuns: RUNS },
  );
});

/** Which targets lack which images. */
function lacking({ cluster, ledger, options }: Leader): readonly string[] {
  absorb(ledger, cluster.facts, options, cluster.now);
  return [...ledger.images.values()].flatMap(({ name, exclusions, source }) =>
    ledger.slots.inNameOrder
      .filter((slot) => exclusions[slot] === TARGET && source?.evidence.since[slot] === 0)
      .map((slot) => `${name} on ${ledger.slots.nodes[slot]?.name}`),
  );
}
