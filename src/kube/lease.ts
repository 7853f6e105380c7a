import { KubeError } from "./kube-error.ts";
import { type Held, leaseSeat, type Seat, type SeatOptions } from "./lease-seat.ts";

/** One time of leading. */
export interface Term {
  /** The Lease's, as the one before left them. */
  readonly annotations: Readonly<Record<string, string>>;
  /** Aborted when the Lease is lost (by a `LeaseLostError`), or when this process is to stop. */
  readonly signal: AbortSignal;
}

/** What happened to the Lease, for the log. */
export type LeaseEvent =
  | { readonly type: "acquired" | "lost" | "released" }
  /** Held again for its whole time, with these annotations written. */
  | { readonly type: "renewed"; readonly annotations: Readonly<Record<string, string>> }
  /** Somebody else leads. */
  | { readonly type: "leader"; readonly holder: string }
  | { readonly type: "fault"; readonly error: unknown };

export interface LeaseOptions extends SeatOptions {
  /** Written into the Lease with each renewal and with its release; keys that it does not name stay. */
  readonly annotations?: () => Readonly<Record<string, string>>;
  /** Does what only one may do, until the term's signal is aborted. */
  readonly onLead: (term: Term) => Promise<void>;
  readonly onEvent?: (event: LeaseEvent) => void;
}

/** Why work is given up: somebody else may be doing it. */
export class LeaseLostError extends Error {
  override readonly name = "LeaseLostError";
}

/** Between two looks at the Lease, and between two renewals. */
const RETRY_MS = 2_000;

/** A holder that could not renew for so long stops working: five seconds before another one may begin. */
const RENEW_WITHIN_MS = 10_000;

/**
 * Leads whenever the Lease can be had, until the signal is aborted; resolves when the work has ended and the Lease is
 * given back. Rejects with what `onLead` threw while it was to lead.
 */
export async function campaign(options: LeaseOptions, signal: AbortSignal): Promise<void> {
  const seat = leaseSeat(options);
  while (!signal.aborted) {
    const held = await won(seat, options, signal);
    if (held !== undefined) await lead(seat, { ...options, held }, signal);
  }
}

/** Looks again and again until the Lease is this process's; undefined when aborted before. */
async function won(
  seat: Seat,
  { clock, onEvent }: LeaseOptions,
  signal: AbortSignal,
): Promise<Held | undefined> {
  let leader = "";
  while (!signal.aborted) {
    try {
      const taken = await seat.take(signal);
      if ("record" in taken) return taken;
      if (taken.holder !== leader && taken.holder !== "") {
        leader = taken.holder;
        onEvent?.({ type: "leader", holder: leader });
      }
      await clock.sleep(RETRY_MS * (1 + 0.2 * clock.random()), signal);
    } catch (error) {
      if (signal.aborted) return undefined;
      if (!(error instanceof KubeError)) throw error;
      onEvent?.({ type: "fault", error });
      await clock.sleep(RETRY_MS, signal).catch(() => undefined);
    }
  }
  return undefined;
}

type Leading = LeaseOptions & { readonly held: Held };

async function lead(seat: Seat, options: Leading, signal: AbortSignal): Promise<void> {
  const { held, annotations, onEvent } = options;
  const [term, renewal] = [new AbortController(), new AbortController()];
  const stop = () => term.abort(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  onEvent?.({ type: "acquired" });
  const lost = (cause?: unknown) => {
    term.abort(new LeaseLostError("the Lease is not this process's any more", { cause }));
    return undefined;
  };
  const renewing = keep(seat, options, renewal.signal).then((last) => last ?? lost(), lost);
  try {
    await worked(options, { annotations: held.record.annotations, signal: term.signal });
  } finally {
    signal.removeEventListener("abort", stop);
    renewal.abort();
    const last = await renewing;
    if (last === undefined) onEvent?.({ type: "lost" });
    else await givenBack(seat.release(last, annotations?.() ?? {}), onEvent);
  }
}

/** Work that ends early leaves the Lease held: nothing is left for another one to do. */
async function worked({ onLead, onEvent }: LeaseOptions, term: Term): Promise<void> {
  const { signal } = term;
  try {
    await onLead(term);
  } catch (error) {
    if (!signal.aborted) throw error;
    // Giving up is what it was told.
    if (error !== signal.reason) onEvent?.({ type: "fault", error });
  }
  if (signal.aborted) return;
  await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
}

/** Renews until aborted, and then gives the Lease as last held; undefined when it is lost. */
async function keep(
  seat: Seat,
  { held: first, clock, annotations, onEvent }: Leading,
  signal: AbortSignal,
): Promise<Held | undefined> {
  let held: Held | undefined = first;
  while (held !== undefined) {
    const endsAt: number = held.since + RENEW_WITHIN_MS;
    try {
      await clock.sleep(Math.min(RETRY_MS, Math.max(0, endsAt - clock.now())), signal);
      if (clock.now() >= endsAt) return undefined;
      const inTime = AbortSignal.any([signal, clock.deadline(endsAt - clock.now())]);
      held = await seat.renew(held, annotations?.() ?? {}, inTime);
      if (held !== undefined) onEvent?.({ type: "renewed", annotations: held.record.annotations });
    } catch (error) {
      if (signal.aborted) return held;
      onEvent?.({ type: "fault", error });
    }
  }
  return undefined;
}

async function givenBack(release: Promise<void>, onEvent: LeaseOptions["onEvent"]): Promise<void> {
  try {
    await release;
    onEvent?.({ type: "released" });
  } catch (error) {
    onEvent?.({ type: "fault", error });
  }
}
