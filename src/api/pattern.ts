import { RE2JS, RE2JSSyntaxException } from "re2js";
import { faulty, type Parsed, parsed } from "./parsed.ts";
import { costFault, goTakesRepeats, MAX_LENGTH, MAX_PROGRAM, sizeFault } from "./pattern/cost.ts";
import { splitLookAhead } from "./pattern/lookahead.ts";
import { tokenize } from "./pattern/tokens.ts";
import { remembering } from "./remembering.ts";

export { beginsWithLookAhead, LOOK_AHEAD_PREFIX } from "./pattern/lookahead.ts";

/** A filter over texts. */
export interface Pattern {
  /** As the user wrote it. */
  readonly source: string;
  /** Whether it matches anywhere in a text, in time linear to the text's length. */
  matches(input: string): boolean;
}

const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * A pattern in RE2's syntax as Go's regexp has it, or the place where it is none; besides, `^(?!X)REST` is understood.
 * Total and bounded: whatever the text, it never throws. `excludeField` names the field that holds what to leave out,
 * for the advice; without it the advice speaks of patterns only.
 */
export function parsePattern(source: string, excludeField?: string): Parsed<Pattern> {
  const unreadable = textFault(source);
  if (unreadable !== undefined) return unreadable;
  const { tokens, fault } = tokenize(source);
  const halves = splitLookAhead(source, tokens, excludeField);
  if (!halves.ok) return halves;
  const refusal = fault ?? costFault(source, tokens);
  if (refusal !== undefined) return { ok: false, fault: refusal };
  const required = compile(halves.value.required);
  if (!required.ok) return required;
  if (halves.value.excluded === undefined) return bounded(source, required.value);
  const excluded = compile(halves.value.excluded);
  return excluded.ok ? bounded(source, required.value, excluded.value) : excluded;
}

/**
 * Whether Go's regexp, and so `matches` in CEL, reads a pattern, whatever it costs: what an API server would say.
 * Refused besides are spellings that only Go has: a group's name used twice, `\p{greek}`, `[[:]`.
 */
export const isRe2 = remembering((source: string): boolean => {
  const { tokens, fault } = tokenize(source.toWellFormed());
  if (fault !== undefined || tokens.some((token) => token.kind === "look")) return false;
  return goTakesRepeats(source, tokens);
});

function textFault(source: string): ReturnType<typeof faulty> | undefined {
  // A code point has at most two code units: a longer text need not be walked through.
  const isLong = source.length > 2 * MAX_LENGTH || Array.from(source).length > MAX_LENGTH;
  if (isLong) {
    return faulty(
      `it is longer than ${MAX_LENGTH} characters`,
      "shorten it, for example with a class or a repetition instead of many alternatives",
    );
  }
  if (source.isWellFormed()) return undefined;
  const fix = 'write the whole character, or its number, as in "\\x{1f600}"';
  return faulty("it contains half a character", fix, source.search(LONE_SURROGATE));
}

/** The one place where re2js's exceptions become faults: our tokens stop nearly all mistakes before, with their place. */
function compile(source: string): Parsed<RE2JS> {
  try {
    return parsed(RE2JS.compile(source));
  } catch (error) {
    const reason = error instanceof RE2JSSyntaxException ? error.getDescription() : String(error);
    return faulty(`RE2 cannot compile it (${reason})`, "write it in a simpler way");
  }
}

function bounded(source: string, required: RE2JS, excluded?: RE2JS): Parsed<Pattern> {
  const size = required.programSize() + (excluded?.programSize() ?? 0);
  if (size > MAX_PROGRAM) return { ok: false, fault: sizeFault(String(size)) };
  return parsed({
    source,
    matches: (input) => excluded?.test(input) !== true && required.test(input),
  });
}
