/** What a server wants to be logged in with: the scheme in lower case, its parameters by lower-case name. */
export interface Challenge {
  readonly scheme: string;
  readonly parameters: ReadonlyMap<string, string>;
}

const SEPARATORS = /[\s,]*/y;
const TOKEN = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y;
const EQUALS = /\s*=\s*/y;
const QUOTED = /"((?:[^"\\]|\\.)*)"/sy;
/** A bare word of Base64 after a scheme (`Negotiate oRQw==`), up to the next challenge. */
const TOKEN68 = /\s+[A-Za-z0-9._~+/-]+=*\s*(?=,|$)/y;

/**
 * Reads `WWW-Authenticate` (RFC 9110, 11.6.1), several challenges in one value too. What cannot be read ends it; what
 * came before counts.
 */
export function parseChallenges(header: string): readonly Challenge[] {
  const challenges: { scheme: string; parameters: Map<string, string> }[] = [];
  const at = reader(header);
  for (;;) {
    at.take(SEPARATORS);
    const word = at.take(TOKEN)?.[0]?.toLowerCase();
    if (word === undefined) return challenges;
    const current = challenges.at(-1);
    if (current !== undefined && at.take(EQUALS) !== null) {
      const value = at.take(QUOTED)?.[1]?.replace(/\\(.)/gs, "$1") ?? at.take(TOKEN)?.[0];
      if (value === undefined) return challenges;
      if (!current.parameters.has(word)) current.parameters.set(word, value);
    } else {
      challenges.push({ scheme: word, parameters: new Map() });
      at.take(TOKEN68);
    }
  }
}

function reader(text: string) {
  let offset = 0;
  return {
    take(pattern: RegExp): RegExpExecArray | null {
      pattern.lastIndex = offset;
      const match = pattern.exec(text);
      if (match !== null) offset = pattern.lastIndex;
      return match;
    },
  };
}
