import type { Kubernetes } from "./kubernetes.ts";
import { type Metadata, watchObjects } from "./object-watch.ts";
import { until } from "./until.ts";

/** A condition of the status. */
export interface ConditionSeen {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

/** What the tests read of a CachedImage's status, and of a CachedImageSet's. */
export interface StatusSeen {
  readonly phase?: string;
  readonly ready?: string;
  readonly observedGeneration?: number;
  readonly conditions?: readonly ConditionSeen[];
  readonly nodesTargeted?: number;
  readonly nodesReady?: number;
  readonly resolvedDigest?: string;
  readonly cachedNodes?: readonly string[];
  readonly failedNodes?: readonly {
    readonly node: string;
    readonly reason: string;
    readonly message: string;
    readonly attempts: number;
  }[];
  readonly evictedNodes?: readonly { readonly node: string; readonly count: number }[];
  readonly imagesManaged?: number;
  readonly imagesReady?: number;
  readonly consecutiveFailures?: number;
  readonly lastPulledAt?: string;
}

/** The statuses of one kind, as they were one after the other. */
export interface StatusWatch {
  /** Each that an object had, the first first; none of one that was never seen. */
  history(name: string): readonly { readonly status: StatusSeen; readonly seenAt: number }[];
  /** Waits until the status is as asked, and gives it; says how it is when it never comes to that. */
  when(name: string, what: string, is: Wanted): Promise<StatusSeen>;
  stop(): Promise<void>;
}

type Wanted = (status: StatusSeen) => boolean;

interface Watched {
  readonly metadata: Metadata;
  readonly status?: StatusSeen;
}

/** Watches `cachedimages` or `cachedimagesets`. */
export async function watchStatuses(
  kubernetes: Kubernetes,
  plural: "cachedimages" | "cachedimagesets",
  withinMs = 120_000,
): Promise<StatusWatch> {
  const all = new Map<string, { status: StatusSeen; seenAt: number }[]>();
  const path = `/apis/drop.corewire.io/v1alpha1/${plural}`;
  const watch = await watchObjects<Watched>(kubernetes, path, ({ object }) => {
    const { metadata, status = {} } = object;
    const known = all.get(metadata.name) ?? [];
    all.set(metadata.name, known);
    known.push({ status, seenAt: performance.now() });
  });
  const history = (name: string) => all.get(name) ?? [];
  const last = (name: string) => history(name).at(-1)?.status;
  return {
    history,
    async when(name, what, is) {
      const wait = { what: `${name} to be ${what}`, withinMs, everyMs: 50 };
      await until(() => is(last(name) ?? {}), wait).catch((cause) => {
        throw new Error(`${name} stayed like this: ${JSON.stringify(last(name))}`, { cause });
      });
      return last(name) ?? {};
    },
    async stop() {
      watch.stop();
    },
  };
}

/** The condition of a type. */
export function conditionIn(status: StatusSeen, type: string): ConditionSeen | undefined {
  return status.conditions?.find((one) => one.type === type);
}

/** Why Ready is False, in one word; undefined where it is not. */
export function whyNotReady(status: StatusSeen): string | undefined {
  const ready = conditionIn(status, "Ready");
  return ready?.status === "False" ? ready.reason : undefined;
}

/** Whether the condition Ready is True. */
export function isReady(status: StatusSeen): boolean {
  return conditionIn(status, "Ready")?.status === "True";
}
