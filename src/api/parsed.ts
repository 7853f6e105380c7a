/** What is wrong with a piece of text that a person wrote, and what to write instead. */
export interface Fault {
  /** What is wrong and why, without the value itself: `"nginx:1.27" carries a tag` is the caller's to say. */
  readonly what: string;
  /** The correction, as an instruction: `write the tag into the field "tag"`. */
  readonly fix: string;
  /** Where in the text, counted in UTF-16 code units from 0, when one place is to blame. */
  readonly offset?: number;
}

/** A text turned into a fact, or the reason why it is none. Mistakes are values: nothing here throws. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly fault: Fault };

/** The fact that a text stands for. */
export function parsed<T>(value: T): Parsed<T> {
  return { ok: true, value };
}

/** The mistake in a text. `offset` is left out when no single place is to blame. */
export function faulty(
  what: string,
  fix: string,
  offset?: number,
): {
  readonly ok: false;
  readonly fault: Fault;
} {
  return { ok: false, fault: offset === undefined ? { what, fix } : { what, fix, offset } };
}
