import type { Clock } from "../runtime/http-clock.ts";
import type { Logger } from "../runtime/logger.ts";
import { SecretValue } from "../runtime/secret-value.ts";
import { type Authority, createAuthority, issue, parseAuthorities } from "./authority.ts";
import { type AuthorityTimes, planAuthorities, renewAt } from "./authority-plan.ts";
import type { AuthorityStore, StoredAuthorities } from "./authority-store.ts";
import { type CertificateSource, parsePair, type ServingPair } from "./certificate.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** An authority for a year, leaves for a day; a change of authority takes an hour. */
export const TIMES: AuthorityTimes & { readonly lookEveryMs: number } = {
  authorityLifeMs: 365 * DAY_MS,
  leafLifeMs: DAY_MS,
  settleMs: 10 * MINUTE_MS,
  retireMs: HOUR_MS,
  lookEveryMs: MINUTE_MS,
};

/** A call to the API server that takes longer is given up until the next look. */
const CALL_MS = 20_000;

export interface SelfSignedOptions {
  readonly store: AuthorityStore;
  /** The names under which the API server calls. */
  readonly dnsNames: readonly string[];
  readonly clock: Clock;
  readonly log: Logger;
  readonly times?: typeof TIMES;
  /** Aborted to look no more. */
  readonly signal: AbortSignal;
}

interface Serving {
  readonly pair: ServingPair;
  readonly issuer: string;
  readonly renewAt: number;
}

/**
 * Serves certificates of an authority that all replicas share in a Secret, and has the API server trust it. Looks
 * again every minute: whatever is due is done by whichever replica comes first, and what fails is tried again.
 */
export function selfSigned(options: SelfSignedOptions): CertificateSource {
  const users: ((pair: ServingPair) => void)[] = [];
  const state: { serving?: Serving } = {};
  const stop = new AbortController();
  const { store, log } = options;
  const signal = AbortSignal.any([options.signal, stop.signal]);
  lookOn(options, signal, async () => {
    const serving = await look(options, state.serving, signal);
    if (serving === state.serving) return;
    state.serving = serving;
    const { pair } = serving;
    log.info({ notAfter: new Date(pair.notAfter).toISOString() }, "certificate made");
    for (const use of users) use(pair);
  }).finally(() => store.close());
  return {
    current: () => state.serving?.pair,
    onChange(use) {
      users.push(use);
      if (state.serving !== undefined) use(state.serving.pair);
    },
    close: () => stop.abort(),
  };
}

async function lookOn(
  { clock, log, times = TIMES }: SelfSignedOptions,
  signal: AbortSignal,
  once: () => Promise<void>,
): Promise<void> {
  while (!signal.aborted) {
    let waitMs = times.lookEveryMs * (0.8 + 0.4 * clock.random());
    try {
      await once();
    } catch (error) {
      if (signal.aborted) return;
      log.error({ error }, "the certificate could not be seen to");
      waitMs = Math.min(waitMs, RETRY_MS);
    }
    await clock.sleep(waitMs, signal).catch(() => undefined);
  }
}

const RETRY_MS = 5_000;

/** One look: authorities, trust, leaf, in this order, so that no leaf is served before its authority is trusted. */
async function look(
  options: SelfSignedOptions,
  serving: Serving | undefined,
  stop: AbortSignal,
): Promise<Serving> {
  const { store, clock, times = TIMES } = options;
  const signal = AbortSignal.any([stop, AbortSignal.timeout(CALL_MS)]);
  const authorities = await seeToAuthorities(options, signal);
  const now = clock.now();
  const { kept, signer } = planAuthorities(authorities, now, times);
  await store.applyBundle(kept.map(({ certPem }) => certPem).join(""), signal);
  if (signer === undefined) throw new Error("no authority is left to sign with");
  if (serving?.issuer === signer.certPem && now < serving.renewAt) return serving;
  return sign(options, signer);
}

/** The authorities in the Secret, a new one among them where one was due. */
async function seeToAuthorities(
  { store, clock, log, times = TIMES }: SelfSignedOptions,
  signal: AbortSignal,
): Promise<readonly Authority[]> {
  for (;;) {
    const stored = await store.read(signal);
    const now = clock.now();
    const { kept, isNewDue } = planAuthorities(authoritiesIn(stored), now, times);
    if (!isNewDue) return kept;
    const made = await createAuthority({ now, lifeMs: times.authorityLifeMs });
    const next = [made, ...kept];
    if (await store.replace(asStored(next, stored.resourceVersion), signal)) {
      log.info({ notAfter: new Date(made.notAfter).toISOString() }, "authority made");
      return next;
    }
    // Another replica was faster: its authority is as good.
  }
}

function authoritiesIn({ certsPem, keysPem }: StoredAuthorities): readonly Authority[] {
  const authorities = parseAuthorities(certsPem, keysPem);
  if (authorities !== undefined) return authorities;
  throw new Error("the Secret with the authority holds something else; remove its data");
}

function asStored(authorities: readonly Authority[], resourceVersion: string): StoredAuthorities {
  return {
    certsPem: authorities.map(({ certPem }) => certPem).join(""),
    keysPem: new SecretValue(authorities.map(({ keyPem }) => keyPem.reveal()).join("")),
    resourceVersion,
  };
}

async function sign(
  { clock, dnsNames, times = TIMES }: SelfSignedOptions,
  signer: Authority,
): Promise<Serving> {
  const now = clock.now();
  const pair = parsePair(await issue(signer, { dnsNames, now, lifeMs: times.leafLifeMs }));
  if (!pair.ok) throw new Error(pair.fault.what);
  const end = pair.value.notAfter;
  return { pair: pair.value, issuer: signer.certPem, renewAt: renewAt(now, end) };
}
