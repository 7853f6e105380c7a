/** Loads the webhook for ten minutes, or `--minutes`, at `--rate` requests a second, and tells what becomes of its memory. */
import { writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setInterval as ticks } from "node:timers/promises";
import { parseArgs } from "node:util";
import { makeFolder } from "../test/support/folder.ts";
import { ask } from "../test/support/http.ts";
import { makePair, writePair } from "../test/webhook/certificates.ts";
import { buildDrop, machineText } from "./program.ts";
import { reviewBody } from "./webhook/bodies.ts";
import { dropContestant } from "./webhook/contestants.ts";
import { load } from "./webhook/load.ts";
import { freePorts, type Serving, start } from "./webhook/serving.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    rate: { type: "string", default: "300" },
  },
});
const seconds = Number(values.minutes) * 60;
const rate = Number(values.rate);
const SAMPLE_SECONDS = 30;

interface Sample {
  readonly atSeconds: number;
  readonly residentMiB: number;
  readonly heapMiB: number;
}

const { path: folder, remove } = await makeFolder("soak-webhook");
try {
  const pair = await makePair();
  await writePair(folder, pair);
  await writeFile(join(folder, "ca.crt"), pair.caPem);
  await buildDrop();
  const [port, healthPort] = await freePorts();
  const place = { port, healthPort, certificates: folder };
  const serving = await start(dropContestant, { place, isPinned: false });
  const stop = new AbortController();
  const sampling = sampled(serving, stop.signal);
  const met = await load({ place, bodies: bodies(), rate, seconds, folder });
  stop.abort();
  // In the first half caches fill, code is compiled and the heap finds its size.
  const slope = slopeOf((await sampling).filter(({ atSeconds }) => atSeconds >= seconds / 2));
  await serving.end();
  process.stdout.write(
    `${met.requests} requests at ${met.perSecond.toFixed(0)}/s, p50 ${met.p50Ms.toFixed(1)} ms, p99 ${met.p99Ms.toFixed(1)} ms, longest ${met.maxMs.toFixed(0)} ms\n` +
      `resident memory in the second half: ${slope >= 0 ? "+" : ""}${slope.toFixed(2)} MiB a minute\n${machineText()}\n`,
  );
} finally {
  await remove();
}

/** Good and bad objects of both kinds, no two hundred alike. */
function bodies(): readonly string[] {
  const texts = Array.from({ length: 50 }, (_, index) => [
    reviewBody("CachedImage").replaceAll("nginx", `nginx-${index}`),
    reviewBody("DiscoveryPolicy").replaceAll("team-[a-z]", `team-${index}-[a-z]`),
    reviewBody("CachedImage").replaceAll("docker.io/library/nginx", `nginx-${index}`),
    reviewBody("DiscoveryPolicy").replaceAll("team-[a-z]", `(?=${index})[a-z]`),
  ]);
  return texts.flat().map((text, index) => {
    const file = join(folder, `body-${index}.json`);
    writeFileSync(file, text);
    return file;
  });
}

async function sampled(serving: Serving, signal: AbortSignal): Promise<readonly Sample[]> {
  const samples: Sample[] = [];
  try {
    for await (const _ of ticks(SAMPLE_SECONDS * 1_000, undefined, { signal })) {
      const atSeconds = (samples.length + 1) * SAMPLE_SECONDS;
      const residentMiB = serving.memory().nowMiB;
      const heapMiB = await heapOf(serving);
      samples.push({ atSeconds, residentMiB, heapMiB });
      process.stdout.write(
        `${String(atSeconds).padStart(5)} s  resident ${residentMiB.toFixed(1)} MiB  heap ${heapMiB.toFixed(1)} MiB\n`,
      );
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return samples;
}

async function heapOf({ place }: Serving): Promise<number> {
  const { body } = await ask(`http://127.0.0.1:${place.healthPort}/metrics`);
  return Number(/^nodejs_heap_size_used_bytes ([0-9.e+]+)/m.exec(body)?.[1]) / 1024 ** 2;
}

/** The slope of the line with the least squares through the samples, MiB a minute. */
function slopeOf(samples: readonly Sample[]): number {
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const minutes = samples.map(({ atSeconds }) => atSeconds / 60);
  const sizes = samples.map(({ residentMiB }) => residentMiB);
  const [x, y] = [mean(minutes), mean(sizes)];
  const over = mean(minutes.map((minute, at) => (minute - x) * ((sizes[at] ?? y) - y)));
  return over / mean(minutes.map((minute) => (minute - x) ** 2));
}
