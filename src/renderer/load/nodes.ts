import { isAlias, isMap, isScalar, isSeq, type Node, type ParsedNode, type YAMLMap } from "yaml";
import type { FieldPath } from "../../api/problem.ts";

/** A node of a YAML document with the path of the field it belongs to. */
export interface PlacedNode {
  readonly node: Node;
  readonly path: FieldPath;
  /** True for the key of a mapping, whose path ends with the key itself. */
  readonly isKey: boolean;
}

/** Every mapping, list, key and scalar of a document, parents first; aliases are not followed. */
export function* nodesOf(root: ParsedNode | null): Generator<PlacedNode> {
  const open: PlacedNode[] = root === null ? [] : [{ node: root, path: [], isKey: false }];
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    yield place;
    // One by one: a list of a million entries does not fit into the arguments of one call.
    if (!place.isKey) for (const child of childrenOf(place).reverse()) open.push(child);
  }
}

function childrenOf({ node, path }: PlacedNode): PlacedNode[] {
  if (isSeq<Node>(node)) {
    return node.items.map((item, index) => ({ node: item, path: [...path, index], isKey: false }));
  }
  if (!isMap<Node, Node | null>(node)) return [];
  return node.items.flatMap(({ key, value }) => {
    const childPath = [...path, isScalar(key) ? String(key.value) : ""];
    const own = { node: key, path: childPath, isKey: true };
    return value === null ? [own] : [own, { node: value, path: childPath, isKey: false }];
  });
}

/**
 * Where the field at `path` stands: the value, or with `atKey` its key, as offset and length in the text. A field
 * that is not written (it is missing, or came in by an alias or merge key) is placed at the nearest parent that is.
 */
export function spanOf(root: ParsedNode | null, path: FieldPath, atKey: boolean): Span {
  let node: Node | null = root;
  let span = startOf(root);
  for (const [index, step] of path.entries()) {
    const last = index === path.length - 1;
    const child = childAt(node, step);
    if (child === undefined) return span;
    span = last && atKey ? child.key : (child.value ?? child.key);
    node = child.node;
    if (!last && child.value !== undefined) span = child.key;
  }
  return span;
}

/** A stretch of the text, and the scalar that stands there. */
export interface Span {
  readonly offset: number;
  readonly scalar?: { readonly source: string; readonly plain: boolean };
}

interface Child {
  readonly node: Node | null;
  readonly key: Span;
  readonly value?: Span;
}

function childAt(node: Node | null, step: string | number): Child | undefined {
  if (isSeq<Node>(node) && typeof step === "number") {
    const item = node.items[step];
    return item && { node: item, key: startOf(item), value: startOf(item) };
  }
  if (!isMap<Node, Node | null>(node)) return undefined;
  const pair = pairsOf(node).get(String(step));
  if (pair === undefined) return undefined;
  const key = startOf(pair.key);
  const { value } = pair;
  if (value === null) return { node: null, key };
  return isAlias(value)
    ? { node: null, key, value: startOf(value) }
    : { node: value, key, value: startOf(value) };
}

type Pairs = ReadonlyMap<string, YAMLMap<Node, Node | null>["items"][number]>;

/** The pairs of the mappings asked for so far, so that many questions about a large one stay cheap. */
const PAIRS = new WeakMap<Node, Pairs>();

function pairsOf(map: YAMLMap<Node, Node | null>): Pairs {
  const known = PAIRS.get(map);
  if (known !== undefined) return known;
  const pairs = new Map<string, YAMLMap<Node, Node | null>["items"][number]>();
  for (const pair of map.items) {
    const name = isScalar(pair.key) ? String(pair.key.value) : undefined;
    if (name !== undefined && !pairs.has(name)) pairs.set(name, pair);
  }
  PAIRS.set(map, pairs);
  return pairs;
}

function startOf(node: Node | null): Span {
  const offset = node?.range?.[0] ?? 0;
  if (!isScalar(node) || node.source === undefined) return { offset };
  return { offset, scalar: { source: node.source, plain: node.type === "PLAIN" } };
}
