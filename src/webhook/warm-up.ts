import { decode } from "../api/decode.ts";
import { KINDS } from "../api/types.gen.ts";

/** Compiles what judging needs, so that the first request takes no longer than the others. */
export function warmUp(): void {
  for (const kind of KINDS) decode(kind, {});
}
