import type { FailedAttempt } from "./attempts.ts";
import type { Eviction } from "./evictions.ts";
import { createSuspicion, type Suspicion } from "./suspicion.ts";

/** What nodes report of one repository, while one node's list is read. */
export interface Repository {
  /** The reading that the other two are of. */
  reading: number;
  digest: string;
  digestCount: number;
}

/** Which nodes hold one normalised reference. Arrays are indexed by slot. */
export interface Evidence {
  readonly reference: string;
  readonly repository: Repository;
  /** When it was pulled last or first seen there, in milliseconds since 1970; 0: it is not there. */
  since: Float64Array;
  /** 1 where the node's list names it. */
  listed: Uint8Array;
  /** One more than the index of the digest in `digestNames`; 0: not known. */
  digests: Uint16Array;
  readonly digestNames: string[];
  /** Pulled there, and not yet in the node's list: from then on a complete list that lacks it counts. */
  readonly unconfirmed: Map<number, number>;
  /** What an earlier leader claims of any node is not held against its list before this time; 0: no longer. */
  claimedUntil: number;
  readonly evictions: Map<number, Eviction>;
  /** The ways in which CachedImages want it. */
  readonly sources: Set<Source>;
  /** A node's list alone shows that it is there: no CachedImage wants its registry asked. */
  trustsLists: boolean;
  /** Nobody looked at its nodes yet: what statuses tell of them counts. */
  isRestorable: boolean;
  /** The reading of a list that named it last. */
  reading: number;
}

/** One way to get a reference: with these pull secrets, or by looking only. What fails one way may work another. */
export interface Source {
  readonly key: string;
  readonly reference: string;
  readonly registryHost: string;
  /** The names of the pull secrets as one text. */
  readonly secretsKey: string;
  readonly evidence: Evidence;
  /** The CachedImages that want it so, by name. */
  readonly images: Set<string>;
  /** The last attempt by slot, where it failed. */
  readonly failures: Map<number, FailedAttempt>;
  /** The architectures that it does not exist for. */
  readonly platforms: Map<string, PlatformGap>;
  readonly suspicion: Suspicion;
}

/** No image for an architecture, as one node's attempt showed. */
export interface PlatformGap {
  readonly node: string;
  readonly attempt: FailedAttempt;
}

/** Nothing is known of it anywhere. */
export function createEvidence(
  reference: string,
  repository: Repository,
  capacity: number,
): Evidence {
  return {
    ...{ reference, repository, since: new Float64Array(capacity) },
    ...{ listed: new Uint8Array(capacity), digests: new Uint16Array(capacity), digestNames: [] },
    ...{ unconfirmed: new Map(), claimedUntil: 0, evictions: new Map() },
    ...{ sources: new Set(), trustsLists: false, isRestorable: true, reading: 0 },
  };
}

export function createSource(
  names: Pick<Source, "key" | "reference" | "registryHost" | "secretsKey" | "evidence">,
): Source {
  return {
    ...names,
    ...{ images: new Set(), failures: new Map(), platforms: new Map() },
    suspicion: createSuspicion(),
  };
}

/** Room for more nodes. */
export function growEvidence(evidence: Evidence, capacity: number): void {
  evidence.since = grown(evidence.since, new Float64Array(capacity));
  evidence.listed = grown(evidence.listed, new Uint8Array(capacity));
  evidence.digests = grown(evidence.digests, new Uint16Array(capacity));
}

/** The larger array with the smaller one's values. */
export function grown<A extends Float64Array | Uint8Array | Uint16Array>(from: A, into: A): A {
  into.set(from);
  return into;
}

/** The node of that slot is gone with all that it held. */
export function forgetEvidence(evidence: Evidence, slot: number): void {
  evidence.since[slot] = 0;
  evidence.listed[slot] = 0;
  evidence.digests[slot] = 0;
  evidence.unconfirmed.delete(slot);
  evidence.evictions.delete(slot);
}

/** Remembers the digest that a node has; says so if it is another one than before. */
export function noteDigest(evidence: Evidence, slot: number, digest: string): boolean {
  const known = evidence.digestNames.indexOf(digest);
  const code = known >= 0 ? known + 1 : evidence.digestNames.push(digest);
  const isOther = evidence.digests[slot] !== code;
  evidence.digests[slot] = code;
  return isOther;
}
