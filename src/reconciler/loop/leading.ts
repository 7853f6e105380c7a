import type { KubeClient } from "../../kube/client.ts";
import { createEventRecorder } from "../../kube/events.ts";
import { campaign, type LeaseEvent } from "../../kube/lease.ts";
import { steadyClock } from "../../kube/steady-clock.ts";
import type { Logger } from "../../runtime/logger.ts";
import { lastStarts } from "../ledger/starts.ts";
import type { Measures } from "./measures.ts";
import type { ReconcilerOptions } from "./run.ts";
import { parseStarts, type Starts, startsAnnotations } from "./starts.ts";
import { createTerm, type Term } from "./term.ts";
import type { Watches } from "./watches.ts";

/** Whether this replica works, and who does. */
export interface Standing {
  /** Undefined while another one works. */
  term: Term | undefined;
  /** Who holds the Lease, as far as is known. */
  leader: string | undefined;
}

export interface LeadingOptions extends ReconcilerOptions {
  readonly client: KubeClient;
  readonly watches: Watches;
  readonly measures: Measures;
  readonly standing: Standing;
}

/** Works whenever this replica holds the Lease, until the signal is aborted; then the Lease is given back. */
export async function leadWheneverElected(options: LeadingOptions, signal: AbortSignal) {
  const { client, lease, log, standing, measures } = options;
  let recorded: Starts = {};
  const events = createEventRecorder({
    ...{ client, clock: steadyClock, signal, instance: lease.identity },
    controller: "drop.corewire.io/reconciler",
    onFault: ({ error }) => log.debug({ error }, "an Event was not written"),
  });
  await campaign(
    {
      ...{ ...lease, client, clock: steadyClock },
      // Nothing before the first look: what the Lease tells stays.
      annotations: () =>
        standing.term === undefined ? {} : startsAnnotations(lastStarts(standing.term.ledger)),
      onEvent(event) {
        tell({ log, lease, standing, measures }, event);
        if (event.type !== "renewed") return;
        recorded = parseStarts(event.annotations);
        standing.term?.renewed();
      },
      async onLead(term) {
        const starts = parseStarts(term.annotations);
        standing.term = createTerm({
          ...{ ...options, events, steadyClock, starts, recorded: () => recorded },
        });
        try {
          await standing.term.run(term.signal);
        } finally {
          standing.term = undefined;
        }
      },
    },
    signal,
  );
}

interface Told {
  readonly log: Logger;
  readonly lease: ReconcilerOptions["lease"];
  readonly standing: Standing;
  readonly measures: Measures;
}

function tell({ log, lease, standing, measures }: Told, event: LeaseEvent): void {
  const { name, identity } = lease;
  switch (event.type) {
    case "acquired":
      standing.leader = identity;
      measures.leads(true);
      log.info({ lease: name, identity }, "leading");
      return;
    case "lost":
    case "released":
      standing.leader = undefined;
      measures.leads(false);
      if (event.type === "lost") log.error({ lease: name }, "the Lease was lost");
      else log.info({ lease: name }, "the Lease was given back");
      return;
    case "leader":
      standing.leader = event.holder;
      log.info({ lease: name, leader: event.holder }, "another replica leads");
      return;
    case "fault":
      log.warn({ lease: name, error: event.error }, "the Lease could not be looked at");
      return;
    case "renewed":
  }
}
