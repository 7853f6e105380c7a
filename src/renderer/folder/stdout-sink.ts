import type { RenderedChild } from "../report.ts";

/** The objects as one stream of YAML documents in their order, each behind `---`; empty without any. */
export function yamlStream(children: readonly RenderedChild[]): string {
  return children.map(({ text }) => `---\n${text}`).join("");
}
