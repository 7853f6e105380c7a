interface Version {
  /** One to four runs of digits without leading zeros; the empty text is zero. */
  readonly numbers: readonly string[];
  readonly stage: Stage;
  /** What follows the numbers, as it was written. */
  readonly suffix: string;
  /** The suffix as runs of digits and runs of letters, in lower case, separators left out; made when it is needed. */
  runs?: readonly string[];
}

/** Oldest first: at equal numbers `1.2.3-rc.1` comes before `1.2.3-alpine`, and both before `1.2.3`. */
const STAGES = ["prerelease", "variant", "release"] as const;
type Stage = (typeof STAGES)[number];

const NUMBERS = /^v?([0-9]+(?:[.][0-9]+){0,3})/;
const SUFFIX = /^[-._+a-z]/i;
const PRERELEASE = /^[-._+]?(?:alpha|beta|rc|pre|dev)/i;
const HASH = /^(?=[0-9]*[a-f])[0-9a-f]{7,64}(?:[-._+]|$)/;
const RUNS = /[0-9]+|[^0-9._+-]+/g;

/** Whether a tag is ordered by its version: `v?`, one to four dotted numbers, then a separator, a letter or the end. */
export function isVersionTag(tag: string): boolean {
  return versionOf(tag) !== undefined;
}

/**
 * Negative when `a` is the newer tag, positive when `b` is, 0 only for equal tags.
 *
 * Versions come first, by number; at equal numbers the plain version, then variants such as `-alpine`, then what begins
 * with alpha, beta, rc, pre or dev; then by suffix, with runs of digits as numbers; then the more dotted parts. What
 * begins with a commit hash is no version. All that is left, and every tag without a version, goes by name descending.
 */
export function compareTags(a: string, b: string): number {
  return compareOrdered({ tag: a, version: versionOf(a) }, { tag: b, version: versionOf(b) });
}

/**
 * The newest of the tags ordered by `compareTags`, each once and at most `limit` of them, without those that `keeps`
 * refuses. Of very many, nearly all are left out by a look at their first characters.
 */
export function newestTagsFirst(
  tags: readonly string[],
  limit = Number.POSITIVE_INFINITY,
  keeps: (tag: string) => boolean = () => true,
): string[] {
  let best: Ordered[] = [];
  let last: Ordered | undefined;
  let bound: readonly number[] | undefined;
  let older: string | undefined;
  const room = Math.max(2 * limit, ROOM);
  // Most registries list by name, so that the newest are near the end.
  for (let index = tags.length - 1; index >= 0; index--) {
    const tag = tags[index] ?? "";
    if (older !== undefined && tag.startsWith(older)) continue;
    const length = bound && olderBy(tag, bound);
    if (length !== undefined) {
      if (length < tag.length) older = tag.slice(0, length + 1);
      continue;
    }
    const ordered = { tag, version: versionOf(tag) };
    if (last !== undefined && compareOrdered(ordered, last) >= 0) continue;
    if (!keeps(tag)) continue;
    best.push(ordered);
    if (best.length < room) continue;
    // Sorted and cut each time it is full, so that a few of very many are found without sorting them all.
    best = firstOf(best, limit);
    last = best[limit - 1];
    bound = last?.version?.numbers.map(Number);
  }
  return firstOf(best, limit).map(({ tag }) => tag);
}

/** Tags kept at least before they are sorted and cut. */
const ROOM = 128;

function firstOf(tags: readonly Ordered[], limit: number): Ordered[] {
  const sorted = tags.toSorted(compareOrdered);
  return sorted.filter(({ tag }, index) => tag !== sorted[index - 1]?.tag).slice(0, limit);
}

const [ZERO, NINE, DOT, V] = [48, 57, 46, 118];

/** With no more digits than these a number is exact. */
const EXACT_DIGITS = 15;

/**
 * How many characters of a tag make it older than a version with these numbers; undefined where more has to be looked
 * at. With the character after them, which ends the number, they make every other tag that begins so older too.
 */
function olderBy(tag: string, numbers: readonly number[]): number | undefined {
  let at = tag.charCodeAt(0) === V ? 1 : 0;
  for (let part = 0; part < 4; part++) {
    const start = at;
    let number = 0;
    for (let code = tag.charCodeAt(at); code >= ZERO && code <= NINE; code = tag.charCodeAt(++at)) {
      number = number * 10 + code - ZERO;
    }
    // Without a number it is no version at all.
    if (at === start) return part === 0 ? at : undefined;
    if (at - start > EXACT_DIGITS) return undefined;
    const order = number - (numbers[part] ?? 0);
    if (order !== 0) return order < 0 ? at : undefined;
    if (tag.charCodeAt(at) !== DOT) return undefined;
    at += 1;
  }
  return undefined;
}

function versionOf(tag: string): Version | undefined {
  const match = NUMBERS.exec(tag);
  if (match === null || HASH.test(tag)) return undefined;
  const [prefix, dotted = ""] = match;
  const suffix = tag.slice(prefix.length);
  if (suffix !== "" && !SUFFIX.test(suffix)) return undefined;
  return {
    numbers: dotted.split(".").map(withoutZeros),
    stage: stageOf(suffix),
    suffix,
  };
}

function stageOf(suffix: string): Stage {
  if (suffix === "") return "release";
  return PRERELEASE.test(suffix) ? "prerelease" : "variant";
}

interface Ordered {
  readonly tag: string;
  readonly version: Version | undefined;
}

function compareOrdered(a: Ordered, b: Ordered): number {
  if (a.version !== undefined && b.version !== undefined) {
    return compareVersions(b.version, a.version) || compareTexts(b.tag, a.tag);
  }
  if (a.version === undefined && b.version === undefined) return compareTexts(b.tag, a.tag);
  return a.version === undefined ? 1 : -1;
}

function compareVersions(a: Version, b: Version): number {
  for (let part = 0; part < 4; part++) {
    const order = compareDigits(a.numbers[part] ?? "", b.numbers[part] ?? "");
    if (order !== 0) return order;
  }
  return (
    STAGES.indexOf(a.stage) - STAGES.indexOf(b.stage) ||
    compareSuffixes(runsOf(a), runsOf(b)) ||
    a.numbers.length - b.numbers.length
  );
}

function runsOf(version: Version): readonly string[] {
  version.runs ??= version.suffix.toLowerCase().match(RUNS) ?? [];
  return version.runs;
}

function compareSuffixes(a: readonly string[], b: readonly string[]): number {
  for (const [index, run] of a.entries()) {
    const other = b[index];
    const order = other === undefined ? 1 : compareRuns(run, other);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** As in Semantic Versioning, a number is older than a word. */
function compareRuns(a: string, b: string): number {
  const numeric = isNumber(a);
  if (numeric !== isNumber(b)) return numeric ? -1 : 1;
  return numeric ? compareDigits(withoutZeros(a), withoutZeros(b)) : compareTexts(a, b);
}

function isNumber(run: string): boolean {
  return /^[0-9]/.test(run);
}

/** Numbers of any length: without leading zeros the longer one is the greater. */
function compareDigits(a: string, b: string): number {
  return a.length - b.length || compareTexts(a, b);
}

function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function withoutZeros(digits: string): string {
  return digits.startsWith("0") ? digits.replace(/^0+/, "") : digits;
}
