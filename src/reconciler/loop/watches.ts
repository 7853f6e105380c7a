import { isDeepStrictEqual } from "node:util";
import type { UnknownRecord } from "../../api/record.ts";
import type { KubeClient } from "../../kube/client.ts";
import { type Change, createReflector, type Reflector } from "../../kube/reflector.ts";
import { type Collection, dropResource, NODES, PODS } from "../../kube/resource.ts";
import type { Clock } from "../../runtime/http-clock.ts";
import type { Logger } from "../../runtime/logger.ts";
import { imageFacts } from "../facts/image.ts";
import { createNamePool } from "../facts/name-pool.ts";
import { nodeFacts } from "../facts/node.ts";
import { podFacts } from "../facts/pod.ts";
import { policyFacts } from "../facts/policy.ts";
import { setFacts } from "../facts/set.ts";
import type { ClusterFacts, ImageFacts, SetFacts } from "../model/facts.ts";
import { PULL_POD_SELECTOR } from "../pull-pod/labels.ts";
import type { Measures } from "./measures.ts";

/** What the watches tell of, besides that something changed. */
export interface Listener {
  /** Something changed that a decision may depend on. */
  changed(): void;
  imageChanged(now: ImageFacts | undefined, before: ImageFacts | undefined): void;
  setChanged(now: SetFacts | undefined, before: SetFacts | undefined): void;
}

export interface WatchOptions {
  readonly client: Pick<KubeClient, "list" | "watch">;
  /** For the watches: it never jumps. */
  readonly clock: Clock;
  readonly log: Logger;
  readonly measures: Pick<Measures, "relisted">;
  readonly pullNamespace: string;
}

/** What is known of the cluster, kept up to date while it runs. */
export interface Watches {
  readonly facts: ClusterFacts;
  /** Every kind has been seen whole once. */
  readonly synced: Promise<unknown>;
  /** Names the kinds that have not been seen yet. */
  missing(): readonly string[];
  /** Who is told from now on; undefined: nobody. */
  listen(listener: Listener | undefined): void;
  /** Until the signal is aborted. */
  run(signal: AbortSignal): Promise<void>;
}

/** Watches everything that decisions depend on. */
export function watchCluster(options: WatchOptions): Watches {
  const facts = emptyFacts();
  const pool = createNamePool();
  let listener: Listener | undefined;
  const changed = () => listener?.changed();
  const watched = [
    watchKind(options, {
      of: NODES,
      project: (raw) => nodeFacts(raw, pool),
      into: facts.nodes,
      changed,
    }),
    watchKind(options, {
      ...{ of: dropResource("CachedImage"), project: imageFacts, into: facts.images, changed },
      told: (now, before) => listener?.imageChanged(now, before),
    }),
    watchKind(options, {
      ...{ of: dropResource("CachedImageSet"), project: setFacts, into: facts.sets, changed },
      told: (now, before) => listener?.setChanged(now, before),
    }),
    watchKind(options, {
      ...{ of: dropResource("PullPolicy"), project: policyFacts, into: facts.policies, changed },
    }),
    watchKind(options, {
      of: PODS,
      within: { namespace: options.pullNamespace, labelSelector: PULL_POD_SELECTOR },
      ...{ project: podFacts, into: facts.pods, changed },
    }),
  ];
  return {
    facts,
    synced: Promise.all(watched.map(({ reflector }) => reflector.synced)),
    missing: () => watched.flatMap(({ plural, isSynced }) => (isSynced() ? [] : [plural])),
    listen(next) {
      listener = next;
    },
    run: async (signal) =>
      void (await Promise.all(watched.map((one) => one.reflector.run(signal)))),
  };
}

/** The facts, open to the watches alone. */
type OpenFacts = { readonly [K in keyof ClusterFacts]: Map<string, ValueOf<ClusterFacts[K]>> };
type ValueOf<M> = M extends ReadonlyMap<string, infer T> ? T : never;

function emptyFacts(): OpenFacts {
  return {
    ...{ nodes: new Map(), images: new Map(), policies: new Map() },
    ...{ sets: new Map(), pods: new Map() },
  };
}

interface WatchedKind<T> {
  readonly of: Collection["resource"];
  readonly within?: { readonly namespace: string; readonly labelSelector: string };
  readonly project: (raw: UnknownRecord) => T | undefined;
  readonly into: Map<string, T>;
  readonly changed: () => void;
  readonly told?: (now: T | undefined, before: T | undefined) => void;
}

function watchKind<T extends { readonly name: string | undefined }>(
  { client, clock, log, measures }: WatchOptions,
  { of, within, project, into, changed, told }: WatchedKind<T>,
): { readonly reflector: Reflector<T>; readonly plural: string; readonly isSynced: () => boolean } {
  const { plural } = of;
  let isSynced = false;
  function onChange(change: Change<T>): void {
    if (change.type === "synced") isSynced = true;
    else keep(into, change, told);
    changed();
  }
  const reflector = createReflector<T>({
    ...{ client, clock, project, onChange, isSame: isDeepStrictEqual },
    of: { resource: of, ...within },
    onFault: ({ error, retryInMs, next }) =>
      log.warn({ resource: plural, error, retryInMs, next }, "watching was interrupted"),
    onRelist: ({ drift = 0 }) => measures.relisted({ resource: plural, drift }),
  });
  return { reflector, plural, isSynced: () => isSynced };
}

/** All of Drop's objects and Nodes have no namespace, and pull Pods share one: the name is enough. */
function keep<T extends { readonly name: string | undefined }>(
  into: Map<string, T>,
  change: Exclude<Change<T>, { readonly type: "synced" }>,
  told?: (now: T | undefined, before: T | undefined) => void,
): void {
  const name = (change.type === "set" ? change.object : change.previous).name ?? "";
  if (change.type === "set") into.set(name, change.object);
  else into.delete(name);
  told?.(change.type === "set" ? change.object : undefined, change.previous);
}
