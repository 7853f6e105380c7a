import type { AuditEvent } from "../../support/audit.ts";
import type { Kubernetes } from "../../support/kubernetes.ts";
import { type Metadata, type ObjectEvent, watchObjects } from "../../support/object-watch.ts";

/** A pull Pod that existed. */
export interface PodLife {
  readonly name: string;
  readonly uid: string;
  readonly node: string;
  /** Of its PullPolicy; empty for the default one. */
  readonly policy: string;
  readonly references: readonly string[];
  /** When the watch told of it, and of its end, by `performance.now()`. */
  readonly addedAt: number;
  readonly goneAt: number | undefined;
}

/** All pull Pods since the watch began, and what was wrong with them at any moment. */
export interface PodHistory {
  /** In the order of their creation. */
  lives(): readonly PodLife[];
  /** Those that exist now. */
  present(): readonly PodLife[];
  eventCount(): number;
  /** The most nodes that had a Pod of a policy at once. */
  mostNodes(policy: string): number;
  /** Each time that a node had two Pods at once, in words. */
  doubles(): readonly string[];
  /** Rejects when the watch breaks off. */
  readonly broken: Promise<never>;
  stop(): Promise<void>;
}

interface Pod {
  readonly metadata: Metadata;
  readonly spec: { readonly nodeName: string };
}

/** Follows the pull Pods event by event, in the order in which etcd took them. */
export async function followPods(kubernetes: Kubernetes): Promise<PodHistory> {
  const all = new Map<string, { -readonly [K in keyof PodLife]: PodLife[K] }>();
  const most = new Map<string, number>();
  const doubles: string[] = [];
  let events = 0;
  const present = () => [...all.values()].filter(({ goneAt }) => goneAt === undefined);
  function look({ type, object }: ObjectEvent<Pod>): void {
    events += 1;
    const { uid } = object.metadata;
    const known = all.get(uid);
    if (type === "DELETED" && known !== undefined) known.goneAt = performance.now();
    if (known !== undefined || type === "DELETED") return;
    const life = { ...lifeOf(object), addedAt: performance.now() };
    for (const { node, name } of present()) {
      if (node === life.node) doubles.push(`${life.name} came to ${node} beside ${name}`);
    }
    all.set(uid, life);
    const nodes = new Set(
      present().flatMap(({ policy, node }) => (policy === life.policy ? [node] : [])),
    );
    most.set(life.policy, Math.max(most.get(life.policy) ?? 0, nodes.size));
  }
  const path = "/api/v1/namespaces/drop-pulls/pods";
  const watch = await watchObjects<Pod>(kubernetes, path, look);
  return {
    present,
    lives: () => [...all.values()],
    eventCount: () => events,
    mostNodes: (policy) => most.get(policy) ?? 0,
    doubles: () => doubles,
    broken: watch.broken,
    stop: async () => watch.stop(),
  };
}

function lifeOf({ metadata, spec }: Pod): Omit<PodLife, "addedAt"> {
  const { name, uid, annotations = {} } = metadata;
  const { items } = JSON.parse(annotations["drop.corewire.io/work"] ?? '{"items":[]}');
  return {
    ...{ name, uid, node: spec.nodeName, goneAt: undefined },
    policy: annotations["drop.corewire.io/policy"] ?? "",
    references: items.map(({ reference }: { readonly reference: string }) => reference),
  };
}

/** The creation of a Pod. */
export interface Start {
  readonly life: PodLife;
  /** When the API server was asked, milliseconds since 1970, with fractions. */
  readonly at: number;
  /** Undefined where the log of the API server has nothing of it: whoever asked was killed before the answer. */
  readonly user: string | undefined;
}

/** A watch tells of a Pod within this time, milliseconds, even on a busy machine. */
const LATE_MS = 2_000;

/** All starts in order, by the times in the audit log, which are exact where those of a watch come late. */
export function startsOf(
  lives: readonly PodLife[],
  audit: readonly AuditEvent[],
): readonly Start[] {
  const creations = audit.filter(
    ({ verb, objectRef, responseStatus }) =>
      verb === "create" && objectRef?.resource === "pods" && responseStatus?.code === 201,
  );
  const byName = Map.groupBy(creations, ({ objectRef }) => objectRef?.name ?? "");
  return lives
    .map((life): Start => {
      const seenAt = performance.timeOrigin + life.addedAt;
      const all = byName.get(life.name)?.map(({ user, requestReceivedTimestamp }) => {
        return { life, user: user.username, at: preciseMs(requestReceivedTimestamp) };
      });
      const own = all?.findLast(({ at }) => at <= seenAt && at > seenAt - LATE_MS);
      return own ?? { life, user: undefined, at: seenAt };
    })
    .sort((a, b) => a.at - b.at);
}

/** Microseconds and all; `Date` knows milliseconds. */
function preciseMs(timestamp = ""): number {
  const micro = /\.\d{3}(\d{3})Z$/.exec(timestamp)?.[1] ?? "0";
  return Date.parse(timestamp) + Number(micro) / 1_000;
}

/** The smallest distance between two starts of a policy on different nodes, milliseconds; Infinity without two. */
export function leastDistance(starts: readonly Start[], policy: string): number {
  const own = starts.filter(({ life }) => life.policy === policy);
  let least = Number.POSITIVE_INFINITY;
  for (const [index, { life, at }] of own.entries()) {
    const other = own.slice(0, index).findLast((one) => one.life.node !== life.node);
    if (other !== undefined) least = Math.min(least, at - other.at);
  }
  return least;
}
