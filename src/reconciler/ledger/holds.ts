import type { Failure } from "../model/failure.ts";
import type { Source } from "./evidence.ts";
import type { Ledger } from "./ledger.ts";
import { isConfirmed, type Suspicion } from "./suspicion.ts";
import { isWaiting } from "./waiting.ts";

/** Something wider than one image on one node that waits, and why. */
export interface StandingHold {
  readonly kind:
    | "image"
    | "platform"
    | "registry"
    | "node"
    | "policy"
    | "namespace"
    | "installation";
  /**
   * The reference, `reference on architecture`, the registry's host, the node's name, the policy's name (empty for the
   * default one), nothing for the namespace, the pull method whose tool image fails.
   */
  readonly subject: string;
  readonly failure: Failure;
  /** When it began. */
  readonly since: number;
  /** Failed tries since then. */
  readonly attempts: number;
  /** When it is tried again; undefined: when a person changes something. */
  readonly until: number | undefined;
}

/** All that is held now, by kind, then subject; what nothing waits for is left out. */
export function holdsOf(ledger: Ledger): readonly StandingHold[] {
  const { namespace, admissions } = ledger;
  const holds: StandingHold[] = [
    ...imageHolds(ledger),
    ...nodeHolds(ledger),
    ...methodHolds(ledger),
  ];
  for (const [host, suspicion] of ledger.registries) {
    const isWanted = ledger.sources.values().some((source) => {
      return source.registryHost === host && isLacked(ledger, source);
    });
    if (isWanted) holds.push(...suspicionHold("registry", host, suspicion));
  }
  for (const [subject, { failure, since, attempts, until }] of admissions) {
    if (until > 0) holds.push({ kind: "policy", subject, failure, since, attempts, until });
  }
  if (namespace !== undefined) holds.push({ kind: "namespace", subject: "", ...namespace });
  return holds.sort(byKindThenSubject);
}

function byKindThenSubject(a: StandingHold, b: StandingHold): number {
  if (a.kind !== b.kind) return a.kind < b.kind ? -1 : 1;
  return a.subject === b.subject ? 0 : a.subject < b.subject ? -1 : 1;
}

function imageHolds(ledger: Ledger): readonly StandingHold[] {
  const sources = [...ledger.sources.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
  return sources.flatMap((source) => {
    const gaps = [...source.platforms].map(([architecture, { attempt }]): StandingHold => {
      const { failure, at: since, attempts } = attempt;
      const subject = `${source.reference} on ${architecture}`;
      return { kind: "platform", subject, failure, since, attempts, until: undefined };
    });
    const isWanted = isLacked(ledger, source);
    return isWanted
      ? [...gaps, ...suspicionHold("image", source.reference, source.suspicion)]
      : gaps;
  });
}

function nodeHolds({ slots }: Ledger): readonly StandingHold[] {
  const holds = [...slots.failing, ...slots.evicting];
  return holds.flatMap(([slot, { failure, since, attempts, until }]) => {
    const subject = slots.nodes[slot]?.name;
    return subject === undefined ? [] : { kind: "node", subject, failure, since, attempts, until };
  });
}

function methodHolds({ methods }: Ledger): readonly StandingHold[] {
  return [...methods].flatMap(([method, suspicion]) =>
    suspicionHold("installation", method, suspicion),
  );
}

function suspicionHold(
  kind: StandingHold["kind"],
  subject: string,
  suspicion: Suspicion,
): readonly StandingHold[] {
  const { failure, since, attempts } = suspicion;
  if (failure === undefined || !isConfirmed(suspicion)) return [];
  const until = suspicion.until === Number.POSITIVE_INFINITY ? undefined : suspicion.until;
  return [{ kind, subject, failure, since, attempts, until }];
}

/** Whether some target of an image that is wanted so lacks it. */
function isLacked(ledger: Ledger, { images }: Source): boolean {
  for (const name of images) {
    const record = ledger.images.get(name);
    if (record !== undefined && isWaiting(ledger, record)) return true;
  }
  return false;
}
