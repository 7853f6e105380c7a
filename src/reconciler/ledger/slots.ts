import type { ClusterFacts, NodeFacts } from "../model/facts.ts";
import type { Failure } from "../model/failure.ts";

/** Nothing is started on a node until then. */
export interface NodeHold {
  readonly failure: Failure;
  readonly since: number;
  /** Of the latest failed try. */
  readonly at: number;
  readonly attempts: number;
  readonly until: number;
}

/** The nodes, each with a small number, its slot, that arrays are indexed by. A slot is used again when its node is gone. */
export interface Slots {
  /** How many the arrays have room for. */
  capacity: number;
  /** One more than the highest slot in use. */
  end: number;
  readonly byName: Map<string, number>;
  readonly nodes: (NodeFacts | undefined)[];
  readonly unused: number[];
  /** 1 where the node's list of images names everything that is there. */
  complete: Uint8Array;
  /** Nodes that failed themselves, until one of their pulls gets an answer. */
  readonly failing: Map<number, NodeHold>;
  /** Nodes whose kubelet fights for disk. */
  readonly evicting: Map<number, NodeHold>;
  /** The slots in use in the order in which nodes get images: newest first, then by name. */
  newestFirst: readonly number[];
  /** The slots in use by the nodes' names. */
  inNameOrder: readonly number[];
}

const FIRST_CAPACITY = 64;

export function createSlots(): Slots {
  return {
    ...{ capacity: FIRST_CAPACITY, end: 0, byName: new Map(), nodes: [], unused: [] },
    ...{ complete: new Uint8Array(FIRST_CAPACITY), failing: new Map(), evicting: new Map() },
    ...{ newestFirst: [], inNameOrder: [] },
  };
}

/** The slots that differ from the last look. */
export interface NodeChanges {
  /** New nodes, also those that took the place of another one of the same name. */
  readonly joined: readonly number[];
  /** Slots whose node is gone; those that have another one by now are in `joined` as well. */
  readonly left: readonly number[];
  /** Nodes of which anything differs, new ones included. */
  readonly changed: readonly number[];
  /** Nodes whose list of images differs, new ones included. */
  readonly listed: readonly number[];
}

/** Takes in the nodes as they are now. */
export function absorbNodes(slots: Slots, facts: Pick<ClusterFacts, "nodes">): NodeChanges {
  const changes = { joined: [], left: [], changed: [], listed: [] } satisfies Changing;
  for (const node of facts.nodes.values()) absorbNode(slots, node, changes);
  if (slots.byName.size > facts.nodes.size) removeGone(slots, facts, changes);
  if (changes.joined.length > 0 || changes.left.length > 0) order(slots);
  return changes;
}

type Changing = { [Key in keyof NodeChanges]: number[] };

function absorbNode(slots: Slots, node: NodeFacts, changes: Changing): void {
  const known = slots.byName.get(node.name);
  const before = known === undefined ? undefined : slots.nodes[known];
  if (before === node) return;
  const slot = known ?? slots.unused.pop() ?? slots.end++;
  slots.byName.set(node.name, slot);
  slots.nodes[slot] = node;
  changes.changed.push(slot);
  if (before?.uid !== node.uid) {
    if (before !== undefined) changes.left.push(slot);
    changes.joined.push(slot);
    changes.listed.push(slot);
  } else if (before.images !== node.images) changes.listed.push(slot);
}

function removeGone(slots: Slots, { nodes }: Pick<ClusterFacts, "nodes">, changes: Changing): void {
  for (const [name, slot] of slots.byName) {
    if (nodes.has(name)) continue;
    slots.byName.delete(name);
    slots.nodes[slot] = undefined;
    slots.unused.push(slot);
    changes.left.push(slot);
  }
}

function order(slots: Slots): void {
  const used = [...slots.byName.entries()].sort(([a], [b]) => (a < b ? -1 : 1));
  slots.inNameOrder = used.map(([, slot]) => slot);
  const createdAt = (slot: number) => slots.nodes[slot]?.createdAt ?? 0;
  // The sort is stable, so that equals stay in the order of their names.
  slots.newestFirst = slots.inNameOrder.toSorted((a, b) => createdAt(b) - createdAt(a));
}

/** The slot of a node of that name and uid. */
export function slotOf(
  slots: Slots,
  { name, uid }: Pick<NodeFacts, "name" | "uid">,
): number | undefined {
  const slot = slots.byName.get(name);
  return slot !== undefined && slots.nodes[slot]?.uid === uid ? slot : undefined;
}

/** Until when a node itself is held, 0 where it is not. */
export function nodeHeldUntil({ failing, evicting }: Slots, slot: number): number {
  if (failing.size === 0 && evicting.size === 0) return 0;
  return Math.max(failing.get(slot)?.until ?? 0, evicting.get(slot)?.until ?? 0);
}
