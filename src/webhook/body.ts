import { faulty, type Parsed, parsed } from "../api/parsed.ts";

/** The API server takes objects up to 3 MiB; an update carries two, and some more. */
export const MAX_BODY_BYTES = 7 * 1024 * 1024;

/** Parsing goes by the number of values, not of bytes; an update of a full policy has some 35,000. */
const MAX_BRANCHES = 50_000;

/** Members of mappings take longest; an update of a full set has some 12,000, those in its annotation among them. */
const MAX_MEMBERS = 20_000;

const UTF8 = new TextDecoder("utf-8", { fatal: true });

/** The JSON of a body in UTF-8, refused before parsing where parsing would take long. */
export function parseBody(bytes: Uint8Array): Parsed<unknown> {
  const excess = excessOf(bytes);
  if (excess !== undefined) return faulty(`the body has more than ${excess}`, "divide the object");
  try {
    return parsed(JSON.parse(UTF8.decode(bytes)));
  } catch {
    return faulty("the body is no JSON in UTF-8", "send an AdmissionReview");
  }
}

const [BRACE, BRACKET, COMMA, COLON, QUOTE] = Buffer.from('{[,:"');

/** What there is too much of. */
function excessOf(bytes: Uint8Array): string | undefined {
  // A short body cannot have as many.
  if (bytes.length <= MAX_BRANCHES) return undefined;
  let branches = 0;
  let members = 0;
  // Far faster than an iterator.
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === BRACE || byte === BRACKET || byte === COMMA) branches++;
    // Whoever writes a blank between name and colon is no API server, and counts by the commas.
    else if (byte === COLON && bytes[at - 1] === QUOTE) members++;
  }
  if (branches > MAX_BRANCHES) return `${MAX_BRANCHES} of "{", "[" and ","`;
  return members > MAX_MEMBERS ? `${MAX_MEMBERS} members of mappings` : undefined;
}
