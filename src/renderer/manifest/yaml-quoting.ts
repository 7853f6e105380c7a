/**
 * Texts that no YAML 1.1 or 1.2 reader takes for anything but a string, `NOT_STRINGS` aside: they begin with a
 * letter, and a colon in them is followed by a letter or digit.
 */
const PLAIN = /^[A-Za-z][A-Za-z0-9_./-]*(?::[A-Za-z0-9][A-Za-z0-9_./-]*)*$/;

/** The words that some reader takes for a boolean or null in some case, https://yaml.org/type/bool.html. */
const NOT_STRINGS: ReadonlySet<string> = new Set([
  ...["y", "n", "yes", "no", "on", "off", "true", "false", "null"],
]);
const LONGEST_WORD = 5;

/** Some readers of YAML 1.1 take an exponent without digits before it for a number: e0, E-5. */
const BARE_EXPONENT = /^[eE]-?[0-9]+$/;

/** Fields whose values, and those below them, are quoted even where this one need not be: the next may. */
const QUOTED_FIELDS: ReadonlySet<unknown> = new Set([
  ...["tag", "digest", "labels", "annotations", "nodeSelector"],
]);

/** Whether a text needs no quotes to be read as itself by every reader of YAML. */
export function isPlainText(text: string): boolean {
  if (!PLAIN.test(text) || BARE_EXPONENT.test(text)) return false;
  return text.length > LONGEST_WORD || !NOT_STRINGS.has(text.toLowerCase());
}

/** Whether all texts in the field of this name are written in quotes. */
export function isQuotedField(key: unknown): boolean {
  return QUOTED_FIELDS.has(key);
}
