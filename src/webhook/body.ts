import { faulty, type Parsed, parsed } from "../api/parsed.ts";

/** The API server takes objects up to 3 MiB; an update carries two, and some more. */
export const MAX_BODY_BYTES = 7 * 1024 * 1024;

/** Parsing goes by the number of values, not of bytes; two full sets have some 20,000. */
const MAX_BRANCHES = 100_000;

const BRANCHES: ReadonlySet<number> = new Set(Buffer.from("{[,"));

/** The JSON of a body in UTF-8, refused before parsing where parsing would take long. */
export function parseBody(bytes: Uint8Array): Parsed<unknown> {
  if (branchesIn(bytes) > MAX_BRANCHES) {
    const what = `the body has more than ${MAX_BRANCHES} of "{", "[" and ","`;
    return faulty(what, "divide the object");
  }
  try {
    return parsed(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)));
  } catch {
    return faulty("the body is no JSON in UTF-8", "send an AdmissionReview");
  }
}

function branchesIn(bytes: Uint8Array): number {
  let count = 0;
  for (const byte of bytes) if (BRANCHES.has(byte)) count++;
  return count;
}
