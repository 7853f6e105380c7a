import { faulty, type Parsed, parsed } from "../api/parsed.ts";

/** The API server takes objects up to 3 MiB; an update carries two, and some more. */
export const MAX_BODY_BYTES = 7 * 1024 * 1024;

/** Parsing goes by the number of values, not of bytes; an update of a full policy has some 35,000. */
const MAX_BRANCHES = 50_000;

const UTF8 = new TextDecoder("utf-8", { fatal: true });

/** The JSON of a body in UTF-8, refused before parsing where parsing would take long. */
export function parseBody(bytes: Uint8Array): Parsed<unknown> {
  // A short body cannot have as many.
  if (bytes.length > MAX_BRANCHES && branchesIn(bytes) > MAX_BRANCHES) {
    const what = `the body has more than ${MAX_BRANCHES} of "{", "[" and ","`;
    return faulty(what, "divide the object");
  }
  try {
    return parsed(JSON.parse(UTF8.decode(bytes)));
  } catch {
    return faulty("the body is no JSON in UTF-8", "send an AdmissionReview");
  }
}

const [BRACE, BRACKET, COMMA] = Buffer.from("{[,");

function branchesIn(bytes: Uint8Array): number {
  let count = 0;
  // Far faster than an iterator.
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === BRACE || byte === BRACKET || byte === COMMA) count++;
  }
  return count;
}
