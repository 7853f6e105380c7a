import type { Clock } from "../runtime/http-clock.ts";
import type { KubeClient } from "./client.ts";
import type { OnItem } from "./json-body.ts";
import type { KubeError } from "./kube-error.ts";
import { listPages } from "./list-pages.ts";
import { createObjectStore, type ObjectStore, type ObjectStoreOptions } from "./object-store.ts";
import type { Selection } from "./request.ts";
import { isOlder } from "./resource-version.ts";
import { needsList, watchOnce } from "./watch.ts";
import type { WatchEvent } from "./watch-event.ts";

/** `list` takes what is there now, `check` compares with what was there at the version reached, `watch` goes on from it. */
export type Step = "list" | "check" | "watch";

/** A list was taken whole. */
export interface Relist {
  /** How many objects are kept now. */
  readonly objects: number;
  /** How many objects the watch had missed; undefined for a list that checks nothing, since the watch had broken off. */
  readonly drift: number | undefined;
}

export interface MirrorOptions<T> extends ObjectStoreOptions<T> {
  readonly client: Pick<KubeClient, "list" | "watch">;
  readonly clock: Clock;
  readonly of: Selection;
  readonly onRelist?: (relist: Relist) => void;
  readonly pageSize?: number;
}

/** A collection here and the version that it is at; it moves on one step at a time. */
export interface Mirror<T> {
  readonly objects: ReadonlyMap<string, T>;
  nextStep(): Step;
  /** Resolves when the list is whole, or the server has ended the watch; a `KubeError` when it broke off. */
  take(step: Step, signal: AbortSignal): Promise<void>;
  /** Learns from a step that failed. */
  recover(step: Step, error: KubeError): void;
  heardAt(): number | undefined;
}

const PAGE_SIZE = 500;

/** The whole list is compared every half hour, a tenth of it sooner or later. */
const CHECK_MS = 1_800_000;

/** An empty one; `onSynced` is called once. */
export function createMirror<T>(options: MirrorOptions<T>, onSynced: () => void): Mirror<T> {
  return new CollectionMirror(options, onSynced);
}

class CollectionMirror<T> implements Mirror<T> {
  readonly #options: MirrorOptions<T>;
  readonly #onSynced: () => void;
  readonly #store: ObjectStore<T>;
  #pageSize: number;
  #isSynced = false;
  #position: string | undefined;
  #checkAt = 0;
  #heardAt: number | undefined;

  constructor(options: MirrorOptions<T>, onSynced: () => void) {
    this.#options = options;
    this.#onSynced = onSynced;
    this.#store = createObjectStore(options);
    this.#pageSize = options.pageSize ?? PAGE_SIZE;
  }

  get objects(): ReadonlyMap<string, T> {
    return this.#store.objects;
  }

  heardAt(): number | undefined {
    return this.#heardAt;
  }

  nextStep(): Step {
    if (this.#position === undefined) return "list";
    return this.#options.clock.now() >= this.#checkAt ? "check" : "watch";
  }

  async take(step: Step, signal: AbortSignal): Promise<void> {
    const position = this.#position;
    if (position === undefined) await this.#list(undefined, signal);
    else if (step === "watch") await this.#watch(position, signal);
    else await this.#list(position, signal);
  }

  recover(step: Step, error: KubeError): void {
    const isTooLarge = error.reason === "AnswerTooLarge" && step !== "watch";
    if (isTooLarge) this.#pageSize = Math.ceil(this.#pageSize / 4);
    // A check that fails must not keep the watch waiting.
    if (step === "check") this.#postponeCheck();
    // A server that was set back to an older state answers so to a version that it has not come to yet.
    const isAhead = step === "check" && (error.answer?.code ?? 0) >= 500;
    if (needsList(error) || isAhead) this.#position = undefined;
  }

  /** Checked at the version that the watch has come to, every difference is one that it missed. */
  async #list(at: string | undefined, signal: AbortSignal): Promise<void> {
    const { client, of, onRelist } = this.#options;
    const listing = this.#store.beginList();
    const pages = { client, of, pageSize: this.#pageSize, ...(at !== undefined && { at }) };
    const onItem: OnItem = (item) => {
      this.#heard();
      listing.add(item);
    };
    const version = await listPages({ ...pages, onItem }, signal);
    this.#heard();
    const different = listing.end();
    this.#position = at ?? version;
    this.#postponeCheck();
    if (!this.#isSynced) {
      this.#isSynced = true;
      this.#onSynced();
    }
    const drift = at === undefined ? undefined : different;
    onRelist?.({ objects: this.#store.objects.size, drift });
  }

  async #watch(resourceVersion: string, signal: AbortSignal): Promise<void> {
    const { client, clock, of } = this.#options;
    const onEvent = (event: WatchEvent) => this.#apply(event);
    const onHeard = () => this.#heard();
    await watchOnce({ client, clock, of, resourceVersion, onEvent, onHeard }, signal);
  }

  /** The version reached never goes back: what was once heard need not be told again. */
  #apply(event: WatchEvent): void {
    const version =
      event.type === "bookmark"
        ? event.resourceVersion
        : this.#store.apply(event.type, event.object);
    if (version === undefined) return;
    const isBehind = this.#position !== undefined && isOlder(version, this.#position);
    if (!isBehind) this.#position = version;
  }

  #postponeCheck(): void {
    const { clock } = this.#options;
    this.#checkAt = clock.now() + CHECK_MS * (0.9 + 0.2 * clock.random());
  }

  #heard(): void {
    this.#heardAt = this.#options.clock.now();
  }
}
