import type { KubeClient } from "../../kube/client.ts";
import type { EventRecorder } from "../../kube/events.ts";
import type { Clock } from "../../runtime/http-clock.ts";
import type { Logger } from "../../runtime/logger.ts";
import { decide } from "../decide/decide.ts";
import { absorb } from "../ledger/absorb.ts";
import { assume, assumeDeleted, noteCreated } from "../ledger/assume.ts";
import { createLedger, type Ledger } from "../ledger/ledger.ts";
import { recordRefusal } from "../ledger/refusal.ts";
import { restoreStarts } from "../ledger/starts.ts";
import type { DecisionOptions, PodOptions } from "../model/options.ts";
import { summaryOf } from "../summary/summary.ts";
import { keepRecords } from "./keeping.ts";
import type { Measures } from "./measures.ts";
import { createPodCalls, type PodCalls } from "./pod-calls.ts";
import type { Starts } from "./starts.ts";
import { createStatusWriter, type StatusWriter } from "./status-writer.ts";
import { createWake, type Wake } from "./wake.ts";
import type { Watches } from "./watches.ts";

/** What one time of leading works with. */
export interface TermOptions {
  readonly watches: Watches;
  readonly client: Pick<KubeClient, "create" | "delete" | "applyStatus">;
  readonly events: Pick<EventRecorder, "emit">;
  readonly measures: Measures;
  readonly decisions: DecisionOptions;
  readonly pods: PodOptions;
  /** As the nodes' clocks: what the API server's times are compared with. */
  readonly clock: Clock;
  /** For waiting: it never jumps. */
  readonly steadyClock: Clock;
  readonly log: Logger;
  /** The last start under each policy, as the one who led before left it. */
  readonly starts: Starts;
  /** The last starts that the Lease tells of by now, for whoever comes after. */
  readonly recorded: () => Starts;
}

/** One time of leading, from the first look to the loss of the Lease. */
export interface Term {
  readonly ledger: Ledger;
  /** It knows what the cluster told: before, the ledger is empty. */
  hasLooked(): boolean;
  /** The Lease was renewed, and tells of more by now. */
  renewed(): void;
  /** Until the signal is aborted; every call has ended then. */
  run(signal: AbortSignal): Promise<void>;
}

/** Between two passes, so that a burst of changes is one pass, and at least as long as twice the last pass took. */
const PAUSE_MS = 50;

/** Before a call that failed for no reason of its own is made again. */
const RETRY_MS = 5_000;

/** What is remembered lives as long as the term: another one begins from what the cluster tells. */
export function createTerm(options: TermOptions): Term {
  const { watches, steadyClock } = options;
  const ledger = createLedger();
  restoreStarts(ledger, options.starts);
  const wake = createWake(steadyClock);
  const state: State = { hasLooked: false, isKeeping: false };
  return {
    ledger,
    hasLooked: () => state.hasLooked,
    renewed() {
      if (state.isKeeping) wake.notify();
    },
    async run(signal) {
      await watches.synced;
      const statuses = createStatusWriter({
        ...{ ...options, facts: watches.facts },
        summaryOf: (image, now) => summaryOf(ledger, watches.facts, image, now),
      });
      const calls = podCalls(options, { ledger, wake }, signal);
      watches.listen({ ...statuses, changed: wake.notify });
      try {
        await Promise.all([
          statuses.run(signal),
          passes(options, { ledger, wake, calls, statuses, state }, signal),
        ]);
      } finally {
        watches.listen(undefined);
        options.measures.reset();
        await calls.settled();
      }
    },
  };
}

interface Parts {
  readonly ledger: Ledger;
  readonly wake: Wake;
  readonly calls: PodCalls;
  readonly statuses: StatusWriter;
  readonly state: State;
}

interface State {
  hasLooked: boolean;
  /** A Pod stays until the Lease tells of its start. */
  isKeeping: boolean;
}

async function passes(options: TermOptions, parts: Parts, signal: AbortSignal): Promise<void> {
  const { clock, steadyClock, measures } = options;
  while (!signal.aborted) {
    const startedAt = steadyClock.now();
    const dueAt = pass(options, parts);
    parts.state.hasLooked = true;
    const tookMs = steadyClock.now() - startedAt;
    measures.passed("success", tookMs / 1_000);
    await steadyClock.sleep(Math.max(PAUSE_MS, 2 * tookMs), signal).catch(() => undefined);
    const waitMs = dueAt === undefined ? undefined : dueAt - clock.now();
    await parts.wake.wait(waitMs, signal);
  }
}

/** Looks, decides and begins to act; gives when to look again though nothing changes. */
function pass(options: TermOptions, { ledger, calls, statuses, state }: Parts): number | undefined {
  const { watches, clock, decisions, measures, recorded } = options;
  const { facts } = watches;
  const now = clock.now();
  statuses.touch(absorb(ledger, facts, decisions, now));
  const { actions, requeueAt } = decide(ledger, facts, decisions, now);
  const { free, until } = keepRecords(actions, { facts, ledger, recorded: recorded(), now });
  state.isKeeping = until !== undefined;
  calls.start(free);
  measures.activePulls(facts.pods.size);
  return requeueAt === undefined || until === undefined
    ? (requeueAt ?? until)
    : Math.min(requeueAt, until);
}

function podCalls(
  { watches, client, pods, clock, steadyClock, log, measures }: TermOptions,
  { ledger, wake }: Pick<Parts, "ledger" | "wake">,
  signal: AbortSignal,
): PodCalls {
  const later = () => {
    steadyClock.sleep(RETRY_MS, signal).then(wake.notify, () => undefined);
  };
  return createPodCalls({
    ...{ facts: watches.facts, client, pods, clock, log, measures, signal },
    assume: (request) => assume(ledger, request, clock.now()),
    created(request) {
      noteCreated(ledger, request, clock.now());
      wake.notify();
    },
    refused(request, failure) {
      recordRefusal(ledger, request, failure, clock.now());
      wake.notify();
    },
    gone: (podUid) => assumeDeleted(ledger, podUid, clock.now()),
    stuck: later,
  });
}
