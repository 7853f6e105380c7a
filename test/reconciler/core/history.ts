import fc from "fast-check";
import type { ImageChange, NodeChange } from "./edits.ts";
import type { Faults } from "./kubelet.ts";

/** One thing that happens to a cluster and its reconciler. Numbers choose among what is there. */
export type Command =
  | { readonly do: "wait"; readonly ms: number }
  | { readonly do: (typeof PLAIN)[number]; readonly n: number }
  | { readonly do: "node"; readonly n: number; readonly change: NodeChange }
  | { readonly do: "image"; readonly n: number; readonly change: ImageChange }
  | { readonly do: "policy"; readonly n: number; readonly delay: number; readonly nodes: number }
  | { readonly do: "fault"; readonly n: number; readonly fault: keyof Faults };

const PLAIN = [
  ...(["join", "leave", "replace", "delete pod", "evict"] as const),
  ...(["restart", "restart", "drop image", "drop policy"] as const),
] as const;

const n = fc.nat({ max: 20 });
const of = <D extends string>(what: D) => fc.constant(what);

/** Histories are mostly waiting: things happen while Pods run, and after. */
export const histories: fc.Arbitrary<readonly Command[]> = fc.array(
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({ do: of("wait"), ms: fc.integer({ min: 1, max: 90_000 }) }),
    },
    { weight: 1, arbitrary: fc.record({ do: of("wait"), ms: fc.constant(4 * 3_600_000) }) },
    { weight: 9, arbitrary: fc.record({ do: fc.constantFrom(...PLAIN), n }) },
    {
      weight: 3,
      arbitrary: fc.record({
        ...{ do: of("node"), n },
        change: fc.constantFrom(...(["cordon", "ready", "disk", "label", "old"] as const)),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        ...{ do: of("image"), n },
        change: fc.constantFrom(
          ...(["reference", "priority", "suspend", "policy", "pull", "pool", "secrets"] as const),
        ),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        ...{ do: of("policy"), n },
        ...{ delay: fc.nat({ max: 2 }), nodes: fc.integer({ min: 1, max: 3 }) },
      }),
    },
    {
      weight: 6,
      arbitrary: fc.record({
        ...{ do: of("fault"), n },
        fault: fc.constantFrom(
          ...(["missing", "endless", "registries", "kubelets", "isolated"] as const),
          ...(["amd64Only", "tools", "refused"] as const),
        ),
      }),
    },
  ),
  { maxLength: 40 },
);
