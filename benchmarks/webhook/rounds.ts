import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { own } from "../../src/api/record.ts";
import { ask } from "../../test/support/http.ts";
import { median } from "../measure.ts";
import { reviewBody } from "./bodies.ts";
import type { Contestant } from "./contestants.ts";
import { load, type Met } from "./load.ts";
import { freePorts, type Serving, start } from "./serving.ts";

/** How much is measured. */
export interface Plan {
  readonly rounds: number;
  readonly floodSeconds: number;
  readonly pacedSeconds: number;
  readonly warmUpSeconds: number;
  /** From being ready until the memory of an idle webhook is read. */
  readonly idleSeconds: number;
}

/** What one webhook met in each round. */
export interface Rounds {
  readonly name: string;
  /** As many requests as can be. */
  readonly flood: readonly Met[];
  /** Processor time of the webhook in it, milliseconds a request. */
  readonly processorMs: readonly number[];
  /** 1,000 requests a second. */
  readonly paced: readonly Met[];
}

/** What one webhook takes before anybody calls it, each figure the median of its starts. */
export interface Rest {
  readonly name: string;
  readonly readyMs: number;
  readonly idleMiB: number;
}

/** Where certificates are and files may be put. */
export interface Folders {
  readonly folder: string;
  readonly certificates: string;
}

export const PACE = 1_000;

/** Starts each webhook by itself, in turn, round after round. */
export async function measureRest(
  contestants: readonly Contestant[],
  { rounds, idleSeconds }: Plan,
  { certificates }: Folders,
): Promise<readonly Rest[]> {
  const starts = contestants.map(({ name }) => ({ name, ready: [0].slice(1), idle: [0].slice(1) }));
  for (let round = 0; round < rounds; round++) {
    for (const [index, contestant] of contestants.entries()) {
      const [port, healthPort] = await freePorts();
      const place = { port, healthPort, certificates };
      const serving = await start(contestant, { place, isPinned: false });
      await pause(idleSeconds * 1_000);
      starts[index]?.ready.push(serving.readyMs);
      starts[index]?.idle.push(serving.memory().nowMiB);
      await serving.end();
    }
  }
  return starts.map(({ name, ready, idle }) => ({
    ...{ name, readyMs: median(ready), idleMiB: median(idle) },
  }));
}

/** All webhooks, warm and idle, one core for whichever is loaded. */
export async function startAll(
  contestants: readonly Contestant[],
  { certificates }: Folders,
): Promise<readonly Serving[]> {
  const servings: Serving[] = [];
  for (const contestant of contestants) {
    const [port, healthPort] = await freePorts();
    const place = { port, healthPort, certificates };
    const serving = await start(contestant, { place, isPinned: true });
    for (const kind of KINDS) await checkVerdicts(serving, { kind, isBlind: contestant.isBlind });
    servings.push(serving);
  }
  return servings;
}

export const KINDS = ["CachedImage", "DiscoveryPolicy"] as const;

interface Expected {
  readonly kind: (typeof KINDS)[number];
  readonly isBlind: true | undefined;
}

/** Whoever gives other verdicts than the rest must not be measured beside it. */
async function checkVerdicts({ name, place }: Serving, { kind, isBlind }: Expected): Promise<void> {
  const good = reviewBody(kind);
  const wrong = good.replace('"spec":{', '"spec":{"suspend":"no",');
  for (const [body, expected] of [[good, true] as const, [wrong, isBlind === true] as const]) {
    const { status, body: text } = await ask(`https://localhost:${place.port}/validate`, {
      ...{ method: "POST", headers: { "content-type": "application/json" }, body },
      caPem: readFileSync(join(place.certificates, "ca.crt"), "utf8"),
    });
    const allowed = own(own(JSON.parse(text), "response"), "allowed");
    if (status === 200 && allowed === expected) continue;
    throw new Error(`${name} answered ${status} to a ${kind}: ${text.slice(0, 1_000)}`);
  }
}

/** Loads the webhooks in turn, round after round, so that what else the machine does meets all of them alike. */
export async function measureLoad(
  servings: readonly Serving[],
  kind: (typeof KINDS)[number],
  { plan, folders }: { readonly plan: Plan; readonly folders: Folders },
): Promise<readonly Rounds[]> {
  const { folder } = folders;
  const body = join(folder, `${kind}.json`);
  writeFileSync(body, reviewBody(kind));
  const flooding = { bodies: [body], folder, rate: 0 };
  for (const { place } of servings) {
    await load({ ...flooding, place, seconds: plan.warmUpSeconds });
  }
  const results = servings.map(({ name }) => ({
    ...{ name, flood: [] as Met[], processorMs: [0].slice(1), paced: [] as Met[] },
  }));
  for (let round = 0; round < plan.rounds; round++) {
    for (const [index, { name, place, processorSeconds }] of servings.entries()) {
      const before = processorSeconds();
      const flood = await load({ ...flooding, place, seconds: plan.floodSeconds });
      const busySeconds = processorSeconds() - before;
      const paced = await load({ ...flooding, place, rate: PACE, seconds: plan.pacedSeconds });
      results[index]?.flood.push(flood);
      results[index]?.processorMs.push((busySeconds * 1_000) / flood.requests);
      results[index]?.paced.push(paced);
      const share = Math.round((100 * busySeconds) / plan.floodSeconds);
      process.stderr.write(
        `  ${kind} ${round + 1}: ${name}: ${Math.round(flood.perSecond)}/s, ${share} % of its core, p99 at ${PACE}/s ${paced.p99Ms.toFixed(1)} ms\n`,
      );
    }
  }
  return results;
}
