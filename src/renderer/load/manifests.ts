import { readYaml, type YamlDocument, type YamlFile, yamlSteps } from "./documents.ts";
import { readSimpleYaml } from "./simple-yaml.ts";
import type { Steps } from "./steps.ts";

/**
 * As `yamlSteps`, for the many files that are simple and right: those get their value without a syntax tree, which is
 * made only once somebody asks for a place in the text.
 */
export function* manifestSteps(file: string, text: string): Steps<YamlFile> {
  const simple = readSimpleYaml(text);
  if (simple === undefined) return yield* yamlSteps(file, text);
  const full: { read?: YamlFile } = {};
  const treeOf = (index: number): YamlDocument => {
    full.read ??= readYaml(file, text);
    const document = full.read.documents[index];
    if (document !== undefined) return document;
    throw new Error(`${file}: the simple reader saw a document that the full one does not see`);
  };
  const documents = simple.map(({ value, start }, index) => ({
    file,
    value,
    start,
    text,
    problems: [],
    get contents() {
      return treeOf(index).contents;
    },
    get lines() {
      return treeOf(index).lines;
    },
  }));
  return { documents, problems: [] };
}
