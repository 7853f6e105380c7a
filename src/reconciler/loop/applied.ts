/** An object with a status, as the watch tells of it: replaced by another at each change, never changed itself. */
interface Watched<S> {
  readonly uid: string;
  readonly status: S;
}

/** The statuses that were written and that the watch has not brought back yet, and when each was written last. */
export interface Applied<S> {
  /** The object with the status that the API server has by now, as far as is known. */
  current<O extends Watched<S>>(object: O): O;
  /** Milliseconds since 1970; undefined: not by this process. */
  appliedAt(uid: string): number | undefined;
  record(object: Watched<S>, status: S, at: number): void;
  /** The object is gone. */
  forget(uid: string): void;
}

interface Entry<S> {
  /** What the watch told when the status was written. */
  readonly seen: Watched<S>;
  readonly status: S;
  readonly at: number;
}

/** For the objects of one kind. */
export function createApplied<S>(): Applied<S> {
  const entries = new Map<string, Entry<S>>();
  return {
    current(object) {
      const entry = entries.get(object.uid);
      return entry?.seen === object ? { ...object, status: entry.status } : object;
    },
    appliedAt: (uid) => entries.get(uid)?.at,
    record: (seen, status, at) => void entries.set(seen.uid, { seen, status, at }),
    forget: (uid) => void entries.delete(uid),
  };
}
