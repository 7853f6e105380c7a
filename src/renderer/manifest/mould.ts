import { canonicalJson, hexOf } from "../canonical.ts";
import { textOf } from "./block-yaml.ts";
import { yamlText } from "./yaml-text.ts";

/** What differs from child to child of a set; each stands in the object once. */
export interface ChildTexts {
  readonly name: string;
  readonly image: string;
  /** The tag or digest. */
  readonly version: string;
}

/** An object as it stands in a file, and its hash whatever its formatting. */
export interface Written {
  readonly text: string;
  readonly hash: string;
}

export type Mould = (texts: ChildTexts) => Written;

/** They begin with a character that no name, label or reference may have. */
const HOLES: ChildTexts = { name: "\ue000name", image: "\ue000image", version: "\ue000version" };
const HOLE = /"\ue000(name|image|version)"/;

/**
 * Writes the children of a set as `yamlText` and `hashOf` do, at a fraction of the time: what they have in common is
 * written once, and each adds no more than its own texts.
 */
export function mould(objectOf: (texts: ChildTexts) => unknown): Mould {
  const object = objectOf(HOLES);
  const yaml = yamlText(object).split(HOLE);
  const json = canonicalJson(object).split(HOLE);
  return ({ name, image, version }) => {
    const quotedVersion = textOf(version, true);
    const plain = { name: textOf(name, false), image: textOf(image, false) };
    const quoted = { name: textOf(name, true), image: textOf(image, true) };
    return {
      text: filled(yaml, { ...plain, version: quotedVersion }),
      hash: hexOf(filled(json, { ...quoted, version: quotedVersion })),
    };
  };
}

/**
 * `pieces` are what stays and, in between, the names of the texts that come there. Joined rather than added up: a sum
 * is put together again by each that reads it.
 */
function filled(pieces: readonly string[], texts: Readonly<Record<string, string>>): string {
  const whole = [...pieces];
  for (let hole = 1; hole < whole.length; hole += 2) whole[hole] = texts[whole[hole] ?? ""] ?? "";
  return whole.join("");
}
