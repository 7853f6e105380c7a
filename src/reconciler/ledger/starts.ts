import type { Ledger } from "./ledger.ts";

/** The last starts under a policy; the delay is between starts on different nodes. Milliseconds since 1970. */
export interface PolicyStarts {
  /** The name of the node of the last start, empty where only its time is known. */
  node: string;
  at: number;
  /** The last start on any other node. */
  otherAt: number;
  /** What the last start was for that had nothing new to pull: such starts take turns. */
  spare: "retry" | "refresh" | undefined;
}

/** What a node got last. A node's Pods follow each other without a delay: together they are its turn. */
export interface Turn {
  readonly policyKey: string;
  /** Of the last Pod of the turn. */
  readonly startedAt: number;
  /** When its last Pod was gone; undefined while it is there. */
  readonly endedAt: number | undefined;
  /** Its last Pod tried again what had failed. */
  readonly wasRetry: boolean;
}

/** A node keeps its turn for so long after a Pod, for the case that the next one cannot be created at once. */
export const TURN_KEPT_MS = 10_000;

/** What the API server tells of a start is cut to whole seconds: it was so much later at most, in milliseconds. */
export const SECOND_CUT_MS = 1_000;

/** The key of a policy in maps: its name, and the empty text for the default one. */
export function policyKeyOf(policyName: string | undefined): string {
  return policyName ?? "";
}

function startsOf({ starts }: Ledger, policyKey: string): PolicyStarts {
  const known = starts.get(policyKey);
  if (known !== undefined) return known;
  const created: PolicyStarts = { node: "", at: 0, otherAt: 0, spare: undefined };
  starts.set(policyKey, created);
  return created;
}

/** Counts a start on a node under a policy. */
export function noteStart(ledger: Ledger, policyKey: string, node: string, at: number): void {
  const starts = startsOf(ledger, policyKey);
  if (node === starts.node) {
    starts.at = Math.max(starts.at, at);
  } else if (at >= starts.at) {
    starts.otherAt = starts.at;
    starts.node = node;
    starts.at = at;
  } else starts.otherAt = Math.max(starts.otherAt, at);
}

/** Remembers what a start was for that had nothing new to pull. */
export function noteSpare(ledger: Ledger, policyKey: string, spare: PolicyStarts["spare"]): void {
  startsOf(ledger, policyKey).spare = spare;
}

/** A start that a status tells of. */
export function noteRestoredStart(ledger: Ledger, policyKey: string, at: number): void {
  noteStart(ledger, policyKey, "", at + SECOND_CUT_MS);
}

/** Takes over when each policy, by its key, last started a pull (milliseconds since 1970); the later time wins. */
export function restoreStarts(ledger: Ledger, starts: Readonly<Record<string, number>>): void {
  for (const [policyKey, at] of Object.entries(starts)) noteStart(ledger, policyKey, "", at);
}

/** The starts under a policy that is gone are forgotten after a day. */
const STARTS_KEPT_MS = 86_400_000;

/** No start is later than now: another leader's clock, or an earlier reading of this one, was ahead. */
export function boundStarts({ starts, policies }: Ledger, now: number): void {
  const latest = now + SECOND_CUT_MS;
  for (const [policyKey, one] of starts) {
    one.at = Math.min(one.at, latest);
    one.otherAt = Math.min(one.otherAt, latest);
    const isGone = policyKey !== "" && !policies.has(policyKey);
    if (isGone && one.at + STARTS_KEPT_MS < now) starts.delete(policyKey);
  }
}

/** When each policy, by its key, last started a pull, in milliseconds since 1970: what a successor must know. */
export function lastStarts(ledger: Ledger): Readonly<Record<string, number>> {
  const latest = new Map([...ledger.starts].map(([policyKey, { at }]) => [policyKey, at]));
  for (const { policyKey, startedAt } of ledger.turns.values()) {
    latest.set(policyKey, Math.max(latest.get(policyKey) ?? 0, startedAt));
  }
  return Object.fromEntries([...latest].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The latest start under a policy that a start on this node must keep its distance from, 0 where there is none. */
export function lastStartElsewhere(ledger: Ledger, policyKey: string, node: string): number {
  const starts = ledger.starts.get(policyKey);
  if (starts === undefined) return 0;
  return starts.node === node ? starts.otherAt : starts.at;
}

/** Whether a Pod of that policy now would go on with the node's turn, which ends when another node begins one. */
export function isContinued(
  ledger: Ledger,
  {
    slot,
    policyKey,
    now,
  }: { readonly slot: number; readonly policyKey: string; readonly now: number },
): boolean {
  const turn = ledger.turns.get(slot);
  if (turn?.endedAt === undefined || turn.policyKey !== policyKey) return false;
  if (now >= turn.endedAt + TURN_KEPT_MS) return false;
  const node = ledger.slots.nodes[slot]?.name ?? "";
  return lastStartElsewhere(ledger, policyKey, node) < turn.endedAt;
}

/** The node is gone; that its policy started a Pod there still counts. */
export function forgetTurn(ledger: Ledger, slot: number): void {
  const turn = ledger.turns.get(slot);
  if (turn !== undefined) noteStart(ledger, turn.policyKey, "", turn.startedAt);
  ledger.turns.delete(slot);
}
