import assert from "node:assert/strict";
import { test } from "node:test";
import type { Candidate, RememberedImage } from "../../src/discovery/outcome.ts";
import { rank } from "../../src/discovery/rank.ts";
import { isSameLock, type Lock, lockText, rememberedImages } from "../../src/renderer/lock/lock.ts";
import { parseLock } from "../../src/renderer/lock/parse.ts";
import { complete, outcome, policy, prometheusSource } from "./policies.ts";
import { diceOf, modelUsage, scoresOf } from "./usage-model.ts";

const MAX_IMAGES = 50;
const LOOKBACK_DAYS = 7;
const HOURS = 14 * 24;
const POPULAR = policy({
  sources: [prometheusSource({}, { name: "usage" })],
  maxImages: MAX_IMAGES,
});

/** One repository that is rendered every hour, with its lock as the only memory. */
interface Repository {
  readonly lookbackHours: number;
  readonly churnMargin?: number;
}

interface Track {
  readonly images: readonly string[];
  readonly lock: string;
  readonly seen: ReadonlySet<string>;
  /** Images added and removed, over all commits. */
  readonly changes: number;
  readonly commits: number;
  /** How often an image came that had been there before: what calm should prevent. */
  readonly returns: number;
}

const EMPTY_LOCK = lockText({ images: [], files: new Map(), pending: new Map() });
const START: Track = {
  images: [],
  lock: EMPTY_LOCK,
  seen: new Set(),
  changes: 0,
  commits: 0,
  returns: 0,
};

function lockOf(text: string): Lock {
  const lock = parseLock(text);
  assert.ok(lock.ok);
  return lock.value;
}

function remembered(track: Track): readonly RememberedImage[] {
  return rememberedImages(lockOf(track.lock), "popular");
}

function rendered(
  track: Track,
  candidates: readonly Candidate[],
  { churnMargin }: Repository,
): Track {
  const ranking = rank({
    policy: POPULAR,
    outcomes: [outcome("usage", complete(candidates))],
    remembered: remembered(track),
    ...(churnMargin !== undefined && { churnMargin }),
  });
  const images = ranking.images.map(({ image }) => image);
  const next: Lock = {
    policy: { name: "popular", hash: "0".repeat(64) },
    images: ranking.images,
    files: new Map(),
    pending: new Map(),
  };
  const added = images.filter((image) => !track.images.includes(image));
  const removed = track.images.filter((image) => !images.includes(image));
  const isFirst = track === START;
  return {
    images,
    lock: isSameLock(lockOf(track.lock), next) ? track.lock : lockText(next),
    seen: new Set([...track.seen, ...images]),
    changes: track.changes + (isFirst ? 0 : added.length + removed.length),
    commits: track.commits + (!isFirst && added.length + removed.length > 0 ? 1 : 0),
    returns: track.returns + added.filter((image) => track.seen.has(image)).length,
  };
}

const REPOSITORIES = {
  /** What runs at the hour, no memory: a plain query and a plain cut. */
  plainNow: { lookbackHours: 1, churnMargin: 0 },
  /** The sums over a week, no memory. */
  plainWeek: { lookbackHours: LOOKBACK_DAYS * 24, churnMargin: 0 },
  /** What the documentation recommends: sums over a week, and the margin as it is by default. */
  calmWeek: { lookbackHours: LOOKBACK_DAYS * 24 },
} as const satisfies Record<string, Repository>;

interface Fortnight {
  readonly tracks: Readonly<Record<keyof typeof REPOSITORIES, Track>>;
  /** Images that were in the better half for a day and not among the calm ones. */
  readonly missed: readonly string[];
}

function fortnight(seed: number): Fortnight {
  const days = LOOKBACK_DAYS + 14;
  const usages = modelUsage({ seed, applications: 300, mostPods: 12, days });
  const dice = diceOf(seed + 1_000);
  const tracks = { plainNow: START, plainWeek: START, calmWeek: START };
  const missed = new Set<string>();
  let hoursInBetterHalf: ReadonlyMap<string, number> = new Map();
  for (let hour = LOOKBACK_DAYS * 24; hour <= LOOKBACK_DAYS * 24 + HOURS; hour++) {
    // Nobody's schedule is exact to the minute, so that each run samples other moments.
    const at = 60 * hour + 5 * dice.uniform();
    const now = scoresOf(usages, { at, lookback: 60, step: 5 });
    const week = scoresOf(usages, { at, lookback: LOOKBACK_DAYS * 24 * 60, step: 5 });
    tracks.plainNow = rendered(tracks.plainNow, now, REPOSITORIES.plainNow);
    tracks.plainWeek = rendered(tracks.plainWeek, week, REPOSITORIES.plainWeek);
    tracks.calmWeek = rendered(tracks.calmWeek, week, REPOSITORIES.calmWeek);
    const better = tracks.plainWeek.images.slice(0, MAX_IMAGES / 2);
    const before = hoursInBetterHalf;
    hoursInBetterHalf = new Map(better.map((image) => [image, (before.get(image) ?? 0) + 1]));
    for (const [image, hours] of hoursInBetterHalf) {
      if (hours >= 24 && !tracks.calmWeek.images.includes(image)) missed.add(`${image} at ${hour}`);
    }
  }
  return { tracks, missed: [...missed] };
}

test("over two weeks of hourly renders calm ranking commits little, and misses nothing that is popular for a day", (t) => {
  for (const seed of [1, 2]) {
    const { tracks, missed } = fortnight(seed);
    const { plainNow, plainWeek, calmWeek } = tracks;
    for (const [name, { changes, commits, returns }] of Object.entries(tracks)) {
      t.diagnostic(
        `seed ${seed}, ${name}: ${changes} changes in ${commits} commits, ${returns} came back`,
      );
    }
    assert.deepEqual(missed, []);
    assert.ok(calmWeek.changes * 10 <= plainNow.changes, "a tenth of plain top-N of what runs");
    // On the same sums releases, rises and falls remain: they are no noise, and must get through.
    assert.ok(calmWeek.changes * 3 <= plainWeek.changes, "a third of plain top-N of the same sums");
    assert.ok(calmWeek.returns * 6 <= plainWeek.returns, "a sixth of those that come and go");
    assert.ok(calmWeek.changes > 0, "new releases and risen images come in");
  }
});
