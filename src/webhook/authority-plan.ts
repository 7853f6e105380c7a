/** An authority without its key. Times are milliseconds since 1970. */
export interface AuthorityFacts {
  /** PEM, one block. */
  readonly certPem: string;
  readonly createdAt: number;
  readonly notAfter: number;
}

/** How long things last, in milliseconds. */
export interface AuthorityTimes {
  readonly authorityLifeMs: number;
  readonly leafLifeMs: number;
  /** From an authority's making until it signs: every API server has its `caBundle` by then. */
  readonly settleMs: number;
  /** From an authority's making until those before it are forgotten: every replica has a new leaf by then. */
  readonly retireMs: number;
}

/** What to do about the authorities now. */
export interface AuthorityPlan<A extends AuthorityFacts> {
  /** Those to keep, newest first; what the `caBundle` has to hold. */
  readonly kept: readonly A[];
  /** Whether a new one is due. */
  readonly isNewDue: boolean;
  /** The one to sign with; undefined only when none is left. */
  readonly signer: A | undefined;
}

/**
 * Which authorities stay and which one signs, from the authorities and the time alone, so that all replicas decide
 * the same. A new one is made at two thirds of the newest one's life, is trusted at once and signs later; the old one
 * leaves when nothing is served by it any more.
 */
export function planAuthorities<A extends AuthorityFacts>(
  authorities: readonly A[],
  now: number,
  { settleMs, retireMs }: Pick<AuthorityTimes, "settleMs" | "retireMs">,
): AuthorityPlan<A> {
  const valid = authorities
    .filter(({ notAfter }) => now < notAfter)
    .toSorted((a, b) => b.createdAt - a.createdAt || (a.certPem < b.certPem ? -1 : 1));
  const [newest] = valid;
  if (newest === undefined) return { kept: [], isNewDue: true, signer: undefined };
  const isAlone = now >= newest.createdAt + retireMs;
  const settled = valid.find(({ createdAt }) => now >= createdAt + settleMs);
  return {
    kept: isAlone ? [newest] : valid,
    isNewDue: now >= renewAt(newest.createdAt, newest.notAfter),
    signer: settled ?? valid.at(-1),
  };
}

/** Two thirds of a life. */
export function renewAt(from: number, to: number): number {
  return from + ((to - from) * 2) / 3;
}
