import { parseImageReference } from "../image-reference.ts";
import { type Fault, type Parsed, parsed } from "../parsed.ts";

/** A repository as `library/nginx`: the path of a reference, without registry, tag and digest. */
export function parseRepository(text: string): Parsed<string> {
  const whole = parseImageReference(`${ANY_REGISTRY}${text}`);
  if (!whole.ok) return { ok: false, fault: withoutRegistry(whole.fault) };
  const { repository: path, tag: carried, digest: pinned } = whole.value;
  if (carried === undefined && pinned === undefined) return parsed(path);
  return {
    ok: false,
    fault: {
      what: "a repository carries no tag or digest",
      fix: `write "${path}", and choose tags with tagFilter`,
    },
  };
}

/** Stands before a repository to make a reference of it. */
const ANY_REGISTRY = "registry.example/";

function withoutRegistry({ what, fix, offset }: Fault): Fault {
  const words = { what: what.replaceAll(ANY_REGISTRY, ""), fix: fix.replaceAll(ANY_REGISTRY, "") };
  return offset === undefined
    ? words
    : { ...words, offset: Math.max(0, offset - ANY_REGISTRY.length) };
}
