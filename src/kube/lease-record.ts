import { isRecord, own, type UnknownRecord } from "../api/record.ts";
import { microTime } from "./micro-time.ts";

/** The Lease's `spec` as far as election goes, and what must not be lost of the rest. */
export interface LeaseRecord {
  /** "" when nobody holds it. */
  readonly holder: string;
  readonly durationMs: number;
  readonly transitions: number;
  readonly resourceVersion: string;
  readonly annotations: Readonly<Record<string, string>>;
  /** Changes whenever the holder has renewed it, and then only. */
  readonly renewal: string;
}

/** How a Lease is to be held. */
export interface LeaseWrite {
  readonly holder: string;
  readonly durationSeconds: number;
  readonly nowMs: number;
  readonly transitions: number;
  /** Set where a term begins. */
  readonly isAcquired: boolean;
  readonly annotations: Readonly<Record<string, string>>;
}

/** However long a holder claims, it must renew so often. */
const LONGEST_MS = 60_000;

/** Reads a Lease; absent fields are those of one that nobody holds. */
export function leaseRecord(lease: UnknownRecord): LeaseRecord {
  const spec = own(lease, "spec");
  const metadata = own(lease, "metadata");
  const holder = textOf(own(spec, "holderIdentity"));
  const [seconds, transitions] = [
    own(spec, "leaseDurationSeconds"),
    own(spec, "leaseTransitions"),
  ].map((value) => (typeof value === "number" && value > 0 ? value : 0));
  return {
    holder,
    durationMs: Math.min((seconds ?? 0) * 1_000, LONGEST_MS),
    transitions: transitions ?? 0,
    resourceVersion: textOf(own(metadata, "resourceVersion")),
    annotations: textsOf(own(metadata, "annotations")),
    renewal: JSON.stringify([holder, textOf(own(spec, "renewTime")), transitions]),
  };
}

/** What a write sets, in a whole object or in a merge patch. */
export function leaseFields(write: LeaseWrite) {
  const { holder, durationSeconds, nowMs, transitions, isAcquired, annotations } = write;
  const now = microTime(nowMs);
  return {
    metadata: { annotations },
    spec: {
      holderIdentity: holder,
      leaseDurationSeconds: durationSeconds,
      leaseTransitions: transitions,
      renewTime: now,
      ...(isAcquired && { acquireTime: now }),
    },
  };
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function textsOf(value: unknown): Readonly<Record<string, string>> {
  const entries = Object.entries(isRecord(value) ? value : {});
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}
