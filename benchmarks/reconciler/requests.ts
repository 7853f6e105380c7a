import type { AuditEvent } from "../../test/support/audit.ts";
import { ACCOUNT } from "./fleet.ts";

/** How often the reconciler asked for what, such as "create pods" and "patch cachedimages/status". */
export type Requests = ReadonlyMap<string, number>;

/** The reconciler's requests in a part of the audit log, the most frequent first. */
export function requestsIn(events: readonly AuditEvent[]): Requests {
  const counts = new Map<string, number>();
  for (const { user, verb, objectRef } of events) {
    if (user.username !== ACCOUNT) continue;
    const { resource = "?", subresource } = objectRef ?? {};
    const what = `${verb} ${subresource === undefined ? resource : `${resource}/${subresource}`}`;
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  return new Map(
    [...counts].sort(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1)),
  );
}

/** Whether it is about the Lease, which is renewed every two seconds whatever else there is to do. */
export function isLease(what: string): boolean {
  return what.endsWith(" leases");
}

export function isWatch(what: string): boolean {
  return what.startsWith("watch ");
}

export function isWrite(what: string): boolean {
  return !isLease(what) && !/^(get|list|watch) /.test(what);
}

/** How many there are of those that are asked for. */
export function sumOf(requests: Requests, isAsked: (what: string) => boolean): number {
  let sum = 0;
  for (const [what, count] of requests) if (isAsked(what)) sum += count;
  return sum;
}

/** Such as "150 patch leases, 7 watch pods". */
export function textOf(requests: Requests): string {
  return [...requests].map(([what, count]) => `${count} ${what}`).join(", ");
}
