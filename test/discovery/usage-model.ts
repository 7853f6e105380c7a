import type { Candidate } from "../../src/discovery/outcome.ts";
import { randomOf } from "../support/random.ts";

const MINUTES_AN_HOUR = 60;
const MINUTES_A_DAY = 24 * MINUTES_AN_HOUR;

export interface ModelOptions {
  readonly seed: number;
  readonly applications: number;
  /** Pods of the most popular application, on average; the n-th has about an n-th of them. */
  readonly mostPods: number;
  readonly days: number;
}

/** The pods that ran an image: when each started, in minutes, and how many minutes it lasted. By start. */
export interface Usage {
  readonly image: string;
  readonly starts: Float64Array;
  readonly lengths: Float64Array;
  readonly longest: number;
}

/** A range query over everything that ran: when it is asked, how far it looks back and how often, all in minutes. */
export interface Query {
  readonly at: number;
  readonly lookback: number;
  readonly step: number;
}

/**
 * What runs in a cluster of build jobs and services, pod by pod. Few applications are popular and many are not; most
 * work by day and five days a week, some by night, some always; each strays from its habit for hours at a time; some
 * rise or fall for good; and new versions, each an image of its own, take over from the old.
 */
export function modelUsage(options: ModelOptions): readonly Usage[] {
  const dice = diceOf(options.seed);
  const indexes = Array.from({ length: options.applications }, (_, index) => index);
  return indexes.flatMap((index) => usageOf(anApplication(index, options, dice), options, dice));
}

/** The sum of the samples of each image, as Drop scores a query with `lookback` that counts running pods. */
export function scoresOf(usages: readonly Usage[], query: Query): readonly Candidate[] {
  const candidates: Candidate[] = [];
  for (const { image, starts, lengths, longest } of usages) {
    let score = 0;
    for (
      let pod = startingAfter(starts, query.at - query.lookback - longest);
      pod < starts.length;
      pod++
    ) {
      const start = starts[pod] ?? 0;
      if (start > query.at) break;
      score += samplesIn(start, lengths[pod] ?? 0, query);
    }
    if (score > 0) candidates.push({ image, score });
  }
  return candidates;
}

/** The first pod that started at a time or later, found by halving. */
function startingAfter(starts: Float64Array, time: number): number {
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((starts[middle] ?? 0) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** How many of the samples at `at`, `at - step`, … see a pod. */
function samplesIn(start: number, length: number, { at, lookback, step }: Query): number {
  if (start + length <= at - lookback) return 0;
  const youngest = Math.ceil(Math.max(0, at - (start + length)) / step);
  const oldest = Math.floor(Math.min(lookback, at - start) / step);
  return Math.max(0, oldest - youngest + 1);
}

/** Two thirds work in offices' hours, a sixth by night, a sixth always. */
const RHYTHMS = ["office", "office", "office", "office", "nightly", "always"] as const;

interface Application {
  readonly name: string;
  /** Pods at once, on average. */
  readonly pods: number;
  readonly rhythm: (typeof RHYTHMS)[number];
  /** The part by which its usage grows in a day, negative when it shrinks. */
  readonly dailyGrowth: number;
  /** How far its usage strays by itself, as the standard deviation of a logarithm. */
  readonly restlessness: number;
  /** The typical length of its pods, in minutes. */
  readonly podLength: number;
  /** When new versions come out, and how long each takes to replace the one before, in minutes. */
  readonly releases: readonly number[];
  readonly rollout: number;
}

function anApplication(index: number, options: ModelOptions, dice: Dice): Application {
  const rhythm = RHYTHMS[Math.floor(dice.uniform() * RHYTHMS.length)] ?? "office";
  const fate = dice.uniform();
  const pace = 0.03 + 0.12 * dice.uniform();
  const releaseEvery = (7 + 21 * dice.uniform()) * MINUTES_A_DAY;
  return {
    name: `registry.example.com/app-${index}`,
    rhythm,
    dailyGrowth: fate > 0.1 ? 0 : fate < 0.05 ? pace : -pace,
    releases:
      dice.uniform() < 0.15 ? arrivals(releaseEvery, options.days * MINUTES_A_DAY, dice) : [],
    pods: (options.mostPods / (index + 1)) * Math.exp(0.3 * dice.normal()),
    restlessness: 0.1 + 0.3 * dice.uniform(),
    podLength: rhythm === "always" ? MINUTES_A_DAY : 1 + 9 * dice.uniform(),
    rollout: (1 + 23 * dice.uniform()) * MINUTES_AN_HOUR,
  };
}

/** The times of events that come by chance, so far apart on average, up to an end. */
function arrivals(apart: number, end: number, dice: Dice): readonly number[] {
  const times: number[] = [];
  for (let time = dice.waiting(apart); time < end; time += dice.waiting(apart)) times.push(time);
  return times;
}

function usageOf(application: Application, { days }: ModelOptions, dice: Dice): readonly Usage[] {
  const { name, pods, rhythm, dailyGrowth, restlessness, podLength, releases, rollout } =
    application;
  const versions = [0, ...releases].map(() => ({ starts: [0].slice(1), lengths: [0].slice(1) }));
  // It strays, and comes back within about six hours.
  const memory = Math.exp(-1 / 6);
  let stray = dice.normal();
  for (let hour = 0; hour < days * 24; hour++) {
    stray = memory * stray + Math.sqrt(1 - memory * memory) * dice.normal();
    const trend = (1 + dailyGrowth) ** (hour / 24);
    const atOnce = pods * trend * rhythmAt(rhythm, hour) * Math.exp(restlessness * stray);
    const apart = podLength / atOnce;
    for (const minute of arrivals(apart, MINUTES_AN_HOUR, dice)) {
      const start = hour * MINUTES_AN_HOUR + minute;
      const version = versions[versionAt(start, releases, rollout, dice)];
      version?.starts.push(start);
      version?.lengths.push(podLength * Math.exp(0.6 * dice.normal()));
    }
  }
  return versions.map(({ starts, lengths }, index) => ({
    longest: lengths.reduce((longest, length) => Math.max(longest, length), 0),
    image: `${name}:1.${index}.0`,
    starts: Float64Array.from(starts),
    lengths: Float64Array.from(lengths),
  }));
}

/** While a version rolls out a pod that starts has it or the one before by chance. */
function versionAt(time: number, releases: readonly number[], rollout: number, dice: Dice): number {
  const newest = releases.filter((release) => release <= time).length;
  const since = time - (releases[newest - 1] ?? Number.NEGATIVE_INFINITY);
  return since < rollout && dice.uniform() > since / rollout ? newest - 1 : newest;
}

function rhythmAt(rhythm: Application["rhythm"], hour: number): number {
  if (rhythm === "always") return 1;
  const isWeekend = Math.floor(hour / 24) % 7 >= 5;
  if (rhythm === "nightly") return 0.2 + 4 * hill(hour % 24, 2, 2);
  return (isWeekend ? 0.15 : 1) * (0.2 + 2 * hill(hour % 24, 14, 4));
}

/** One hill a day around an hour, as wide as the standard deviation says. */
function hill(hour: number, centre: number, width: number): number {
  const straight = Math.abs(hour - centre);
  const distance = Math.min(straight, 24 - straight);
  return Math.exp(-(distance ** 2) / (2 * width ** 2));
}

export interface Dice {
  /** From 0 up to 1. */
  uniform(): number;
  /** Around 0 with a standard deviation of 1. */
  normal(): number;
  /** The time until an event that comes by chance. */
  waiting(average: number): number;
}

/** Dice that fall the same way on every machine. */
export function diceOf(seed: number): Dice {
  const uniform = randomOf(seed);
  return {
    uniform,
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    waiting: (average) => -Math.log(1 - uniform()) * average,
  };
}
