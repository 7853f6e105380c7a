import { own, type UnknownRecord } from "../api/record.ts";
import { isOlder } from "./resource-version.ts";

/** What happened to the objects of a collection; `synced` comes once, after the first whole list. */
export type Change<T> =
  | {
      readonly type: "set";
      readonly key: string;
      readonly object: T;
      readonly previous: T | undefined;
    }
  | { readonly type: "delete"; readonly key: string; readonly previous: T }
  | { readonly type: "synced" };

export interface ObjectStoreOptions<T> {
  /** Keeps what is needed of an object; undefined: nothing. */
  readonly project: (raw: UnknownRecord) => T | undefined;
  /** Whether a change makes no difference: it is not told, and the older object stays. */
  readonly isSame?: (a: T, b: T) => boolean;
  readonly onChange: (change: Change<T>) => void;
}

/** The objects of one collection as they were last seen. Old news, and news heard twice, change nothing. */
export interface ObjectStore<T> {
  /** By name, or `namespace/name`; changes with the next event. */
  readonly objects: ReadonlyMap<string, T>;
  /** Takes an event of a watch; gives the version that the object came with, undefined when it is no object. */
  apply(type: "set" | "delete", raw: UnknownRecord): string | undefined;
  /** Begins to take a whole list, page by page. */
  beginList(): Listing;
}

/** A list that is being taken. */
export interface Listing {
  add(raw: UnknownRecord): void;
  /** Removes what the list did not hold; gives how many objects were not as the list has them. */
  end(): number;
}

/** Which object, and which state of it. */
interface Identity {
  readonly key: string;
  readonly uid: string;
  readonly resourceVersion: string;
}

/** Deletions remembered, so that older news of the same object are known as such. */
const MAX_DELETED = 1_000;

/** An empty store. */
export function createObjectStore<T>(options: ObjectStoreOptions<T>): ObjectStore<T> {
  return new MapStore(options);
}

class MapStore<T> implements ObjectStore<T> {
  readonly objects = new Map<string, T>();
  readonly #options: ObjectStoreOptions<T>;
  /** What is kept nothing of is in it too. */
  readonly #seen = new Map<string, Identity>();
  readonly #deleted = new Map<string, string>();

  constructor(options: ObjectStoreOptions<T>) {
    this.#options = options;
  }

  apply(type: "set" | "delete", raw: UnknownRecord): string | undefined {
    const identity = identityOf(raw);
    if (identity === undefined) return undefined;
    const { key, resourceVersion } = identity;
    if (!this.#isNews(type, identity)) return resourceVersion;
    if (type === "set") this.#set(identity, raw);
    else {
      this.#forget(key);
      this.#rememberDeletion(key, resourceVersion);
    }
    return resourceVersion;
  }

  /** A list has the last word, whatever versions say. */
  beginList(): Listing {
    this.#deleted.clear();
    const present = new Set<string>();
    let different = 0;
    return {
      add: (raw) => {
        const identity = identityOf(raw);
        if (identity === undefined) return;
        present.add(identity.key);
        if (this.#isKnown(identity)) return;
        different++;
        this.#set(identity, raw);
      },
      end: () => {
        for (const key of [...this.#seen.keys()].filter((known) => !present.has(known))) {
          different++;
          this.#forget(key);
        }
        return different;
      },
    };
  }

  #isKnown({ key, uid, resourceVersion }: Identity): boolean {
    const known = this.#seen.get(key);
    return known?.uid === uid && known.resourceVersion === resourceVersion;
  }

  #isNews(type: "set" | "delete", { key, resourceVersion, uid }: Identity): boolean {
    const known = this.#seen.get(key);
    const last = known?.resourceVersion ?? this.#deleted.get(key);
    if (last === undefined) return true;
    if (isOlder(resourceVersion, last)) return false;
    // Some servers gave a deletion the version that the object had had.
    if (type === "delete") return known?.uid === uid || isOlder(last, resourceVersion);
    return resourceVersion !== last;
  }

  #set(identity: Identity, raw: UnknownRecord): void {
    const { project, isSame, onChange } = this.#options;
    const { key } = identity;
    const object = project(raw);
    const previous = this.objects.get(key);
    const isReplaced = this.#seen.get(key)?.uid !== identity.uid;
    this.#seen.set(key, identity);
    if (object === undefined) {
      this.#remove(key);
      return;
    }
    if (previous !== undefined && !isReplaced && isSame?.(previous, object) === true) return;
    this.objects.set(key, object);
    onChange({ type: "set", key, object, previous });
  }

  #forget(key: string): void {
    this.#seen.delete(key);
    this.#remove(key);
  }

  #remove(key: string): void {
    const previous = this.objects.get(key);
    if (previous === undefined) return;
    this.objects.delete(key);
    this.#options.onChange({ type: "delete", key, previous });
  }

  #rememberDeletion(key: string, resourceVersion: string): void {
    this.#deleted.delete(key);
    this.#deleted.set(key, resourceVersion);
    const [oldest] = this.#deleted.keys();
    if (this.#deleted.size > MAX_DELETED && oldest !== undefined) this.#deleted.delete(oldest);
  }
}

function identityOf(raw: UnknownRecord): Identity | undefined {
  const metadata = own(raw, "metadata");
  const [name, namespace, uid, resourceVersion] = [
    own(metadata, "name"),
    own(metadata, "namespace"),
    own(metadata, "uid"),
    own(metadata, "resourceVersion"),
  ];
  if (typeof name !== "string" || typeof uid !== "string") return undefined;
  if (typeof resourceVersion !== "string") return undefined;
  const key = typeof namespace === "string" ? `${namespace}/${name}` : name;
  return { key, uid, resourceVersion };
}
