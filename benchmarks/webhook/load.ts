import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { own } from "../../src/api/record.ts";
import { run } from "../../test/support/child.ts";
import { tool } from "../../test/support/tools.ts";
import type { Place } from "./contestants.ts";
import { CORES, pinned } from "./serving.ts";

/** What a load of requests met. */
export interface Met {
  /** Answered with 200, a second. */
  readonly perSecond: number;
  readonly requests: number;
  /** Milliseconds from sending to the whole answer. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

export interface Load {
  readonly place: Place;
  /** Files with the bodies of the requests, in turn. */
  readonly bodies: readonly string[];
  /** Requests a second, sent whether or not the ones before are answered; 0 for as many as can be. */
  readonly rate: number;
  readonly seconds: number;
  /** Takes small files. */
  readonly folder: string;
}

/** As many as an API server keeps to one webhook under load. */
const CONNECTIONS = "16";

/** Sends reviews over kept-alive connections; an answer that is not 200 is an error. */
export async function load({ place, bodies, rate, seconds, folder }: Load): Promise<Met> {
  const targets = join(folder, "targets.txt");
  const answers = join(folder, "answers.bin");
  const url = `https://localhost:${place.port}/validate?timeout=5s`;
  const requests = bodies.map((body) => `POST ${url}\nContent-Type: application/json\n@${body}\n`);
  writeFileSync(targets, requests.join("\n"));
  const vegeta = await tool("vegeta");
  const attack = [
    ...([vegeta, "attack", "-targets", targets, "-output", answers, "-max-body", "0"] as const),
    ...["-root-certs", join(place.certificates, "ca.crt"), "-http2=false", "-timeout", "10s"],
    ...["-rate", String(rate), "-duration", `${seconds}s`],
    ...["-connections", CONNECTIONS, "-max-connections", CONNECTIONS, "-workers", CONNECTIONS],
    ...["-max-workers", rate === 0 ? CONNECTIONS : "200"],
  ] as const;
  await done(CORES === undefined ? attack : pinned(CORES.client, attack), seconds);
  return metIn(await done([vegeta, "report", "-type", "json", answers], seconds));
}

async function done(
  [program, ...args]: readonly [string, ...string[]],
  seconds: number,
): Promise<string> {
  const { code, stdout, stderr } = await run(program, args, { withinMs: seconds * 1_000 + 60_000 });
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${stderr}`);
  return stdout;
}

const NS_PER_MS = 1e6;

function metIn(report: string): Met {
  const result: unknown = JSON.parse(report);
  if (own(result, "success") !== 1) {
    throw new Error(`not every request got its answer: ${report.slice(0, 2_000)}`);
  }
  const latencies = own(result, "latencies");
  const ms = (name: string) => Number(own(latencies, name)) / NS_PER_MS;
  return {
    perSecond: Number(own(result, "throughput")),
    requests: Number(own(result, "requests")),
    ...{ p50Ms: ms("50th"), p99Ms: ms("99th"), maxMs: ms("max") },
  };
}
