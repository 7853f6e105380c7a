import { Document, isPair, isScalar, parseAllDocuments, type Scalar, visit } from "yaml";

/**
 * Texts that no YAML 1.1 or 1.2 reader takes for anything but a string, `NOT_STRINGS` aside: they begin with a
 * letter, and a colon in them is followed by a letter or digit.
 */
const PLAIN = /^[A-Za-z][A-Za-z0-9_./-]*(?::[A-Za-z0-9][A-Za-z0-9_./-]*)*$/;

/** The words that some reader takes for a boolean or null in some case, https://yaml.org/type/bool.html. */
const NOT_STRINGS: ReadonlySet<string> = new Set([
  ...["y", "n", "yes", "no", "on", "off", "true", "false", "null"],
]);

/** Fields whose values, and those below them, are quoted even where this one need not be: the next may. */
const QUOTED_FIELDS: ReadonlySet<unknown> = new Set([
  ...["tag", "digest", "labels", "annotations", "nodeSelector"],
]);

/** Larger files are none that Drop wrote. In UTF-16 code units. */
export const MAX_YAML_LENGTH = 1024 * 1024;

/** One YAML document in block style with a line break at its end; equal values in equal key order give equal bytes. */
export function yamlText(value: unknown): string {
  const document = new Document(value, { aliasDuplicateObjects: false });
  visit(document, {
    Scalar(step, scalar, path) {
      const isForced = step !== "key" && path.some(isQuotedField);
      if (isForced || !isPlain(scalar.value)) quote(scalar);
    },
  });
  return document.toString({ lineWidth: 0, doubleQuotedAsJSON: true });
}

/**
 * The value of a text that holds exactly one YAML document; undefined for any other text, one with errors, with
 * aliases, or nested beyond reason. Never throws.
 */
export function readYaml(text: string): unknown {
  if (text.length > MAX_YAML_LENGTH) return undefined;
  try {
    const documents = parseAllDocuments(text, { schema: "core", logLevel: "silent" });
    const [document, ...others] = Array.isArray(documents) ? documents : [];
    if (document === undefined || others.length > 0 || document.errors.length > 0) return undefined;
    return document.toJS({ maxAliasCount: 0 });
  } catch {
    // The parser descends with the nesting of the text and ends in a RangeError; an alias is a ReferenceError.
    return undefined;
  }
}

function isPlain(value: unknown): boolean {
  return typeof value !== "string" || (PLAIN.test(value) && !NOT_STRINGS.has(value.toLowerCase()));
}

function isQuotedField(node: unknown): boolean {
  return isPair(node) && isScalar(node.key) && QUOTED_FIELDS.has(node.key.value);
}

function quote(scalar: Scalar): void {
  if (typeof scalar.value === "string") scalar.type = "QUOTE_DOUBLE";
}
