import type { CachedImageSetStatus, CachedImageStatus } from "../../api/types.gen.ts";
import { dropResource } from "../../kube/resource.ts";
import { statusDue } from "../status/due.ts";
import { childrenBySet, setStatus } from "../status/set-status.ts";
import type { Applied } from "./applied.ts";
import type { StatusSurroundings } from "./status-writer.ts";

/** What was written of both kinds. */
export interface AppliedStatuses {
  readonly images: Applied<CachedImageStatus>;
  readonly sets: Applied<CachedImageSetStatus>;
}

/**
 * Writes the status of a CachedImageSet if it is due. Gives the milliseconds after which it will be due, undefined when
 * it is true as it stands.
 */
export async function writeSet(
  { facts, clock, client }: StatusSurroundings,
  applied: AppliedStatuses,
  { name, signal }: { readonly name: string; readonly signal: AbortSignal },
): Promise<number | undefined> {
  const seen = facts.sets.get(name);
  if (seen === undefined || seen.isDeleting) return undefined;
  const now = clock.now();
  const set = applied.sets.current(seen);
  const children = (childrenBySet(facts.images.values()).get(name) ?? []).map(
    applied.images.current,
  );
  const status = setStatus({ set, children, now });
  const appliedAt = applied.sets.appliedAt(seen.uid);
  const due = statusDue({ applied: set.status, wanted: status, appliedAt, now });
  if (due !== "now") return due === undefined ? undefined : due - now;
  const ref = { resource: dropResource("CachedImageSet"), name };
  await client.applyStatus(ref, { status: { ...status } }, { signal });
  applied.sets.record(seen, status, now);
  return undefined;
}
