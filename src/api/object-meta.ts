/** The part of a Kubernetes ObjectMeta that Drop reads or writes. The kinds are cluster-scoped: no namespace. */
export interface ObjectMeta {
  readonly name?: string;
  readonly generateName?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly generation?: number;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly deletionTimestamp?: string;
}
