import {
  canonicalReference,
  formatReference,
  parseImageReference,
} from "../../api/image-reference.ts";

/** Image names, normalised, each text kept once however many nodes report it. */
export interface NamePool {
  /** The normalised name of what a node calls an image; undefined for what is no name, such as `<none>:<none>`. */
  nameOf(text: string): string | undefined;
}

/** Names remembered since the last turn; at most twice as many are held. */
const NAMES_PER_TURN = 50_000;

/** An empty pool. It forgets names that no node has reported for long, so that it does not grow for ever. */
export function createNamePool(namesPerTurn = NAMES_PER_TURN): NamePool {
  let young = new Map<string, string | undefined>();
  let old = new Map<string, string | undefined>();
  return {
    nameOf(text) {
      const known = young.get(text);
      if (known !== undefined || young.has(text)) return known;
      const name = old.has(text) ? old.get(text) : normalised(text);
      if (young.size >= namesPerTurn) {
        old = young;
        young = new Map();
      }
      young.set(text, name);
      return name;
    },
  };
}

function normalised(text: string): string | undefined {
  const reference = parseImageReference(text);
  if (!reference.ok) return undefined;
  const name = formatReference(canonicalReference(reference.value));
  // The same text twice would be held twice.
  return name === text ? text : name;
}
