import { Document, isPair, isScalar, parseAllDocuments, type Scalar, visit } from "yaml";
import { blockYaml } from "./block-yaml.ts";
import { isPlainText, isQuotedField } from "./yaml-quoting.ts";

/** Larger files are none that Drop wrote. In UTF-16 code units. */
export const MAX_YAML_LENGTH = 1024 * 1024;

/** One YAML document in block style with a line break at its end; equal values in equal key order give equal bytes. */
export function yamlText(value: unknown): string {
  return blockYaml(value) ?? libraryYaml(value);
}

/** As `yamlText`, for any value whatever and by the YAML library alone. */
export function libraryYaml(value: unknown): string {
  const document = new Document(value, { aliasDuplicateObjects: false });
  visit(document, {
    Scalar(step, scalar, path) {
      const isForced = step !== "key" && path.some(isQuotedPair);
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
  return typeof value !== "string" || isPlainText(value);
}

function isQuotedPair(node: unknown): boolean {
  return isPair(node) && isScalar(node.key) && isQuotedField(node.key.value);
}

function quote(scalar: Scalar): void {
  if (typeof scalar.value === "string") scalar.type = "QUOTE_DOUBLE";
}
