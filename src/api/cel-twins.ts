import type { CelRule } from "./cel-rules.gen.ts";
import { DURATION_PATTERN, isShapedAsDuration } from "./duration.ts";
import { ENDPOINT_URL_PATTERN, isShapedAsUrl } from "./endpoint-url.ts";
import { goNanoseconds } from "./go-duration.ts";
import { parseDigest, parseTag } from "./image-reference.ts";
import { beginsWithLookAhead, isRe2 } from "./pattern.ts";
import { own } from "./record.ts";

/** Whether a value keeps a CEL rule. A value of another type keeps it: its type is the schema's mistake. */
type Twin = (self: unknown) => boolean;

const DURATION_RULE = `self.matches(r'${DURATION_PATTERN}')` as const;
const URL_RULE = `self.matches(r'${ENDPOINT_URL_PATTERN}')` as const;

/** What each CEL rule says, in TypeScript. A rule of the CRDs without an entry here does not compile. */
const TWINS: Readonly<Record<CelRule, Twin>> = {
  "!(has(self.tag) && has(self.digest))": (self) =>
    own(self, "tag") === undefined || own(self, "digest") === undefined,
  "!self.matches(r'(@|:[^/]*$)')": (self) =>
    typeof self !== "string" ||
    !(self.includes("@") || self.includes(":", self.lastIndexOf("/") + 1)),
  "self.matches(r'^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$')": (self) =>
    typeof self !== "string" || parseTag(self).ok,
  "self.matches(r'^(sha256:[a-f0-9]{64}|sha384:[a-f0-9]{96}|sha512:[a-f0-9]{128})$')": (self) =>
    typeof self !== "string" || parseDigest(self).ok,
  [URL_RULE]: (self) => typeof self !== "string" || isShapedAsUrl(self),
  [DURATION_RULE]: (self) => typeof self !== "string" || isShapedAsDuration(self),
  "self.matches(r'[1-9]') || !self.matches(r'^[0-9]')": (self) =>
    typeof self !== "string" || /[1-9]/.test(self) || !/^[0-9]/.test(self),
  "self.matches(r'^(\\(\\?[isU]+\\))?(\\^|\\\\A)\\(\\?!') || ''.matches(self) in [true, false]": (
    self,
  ) => typeof self !== "string" || beginsWithLookAhead(self) || isRe2(self),
  "self.type == 'prometheus' ? has(self.prometheus) && !has(self.registry) : has(self.registry) && !has(self.prometheus)":
    typeMatchesBlock,
  "self.all(a, !has(a.name) || self.exists_one(b, has(b.name) && b.name == a.name))":
    namesAreUnique,
  "!has(self.interval) || self.interval == self.syncInterval || self.syncInterval == '30m'": (
    self,
  ) => agree(own(self, "interval"), own(self, "syncInterval"), "30m"),
  "!has(self.topX) || self.topX == self.maxImages || self.maxImages == 50": (self) =>
    agree(own(self, "topX"), own(self, "maxImages"), 50),
  "!has(self.initial) || !has(self.max) || !self.initial.matches(r'^([0-9]{1,5}(\\.[0-9]{1,9})?(ns|us|ms|s|m|h)){1,4}$') || !self.max.matches(r'^([0-9]{1,5}(\\.[0-9]{1,9})?(ns|us|ms|s|m|h)){1,4}$') || duration(self.initial) <= duration(self.max)":
    initialUpToMax,
};

const BY_TEXT: ReadonlyMap<string, Twin> = new Map(Object.entries(TWINS));

/** Whether `self` keeps the CEL rule with this text. */
export function keepsRule(rule: string, self: unknown): boolean {
  const twin = BY_TEXT.get(rule);
  if (twin === undefined) throw new Error(`the CEL rule has no twin: ${rule}`);
  return twin(self);
}

function typeMatchesBlock(self: unknown): boolean {
  const type = own(self, "type");
  const hasPrometheus = own(self, "prometheus") !== undefined;
  const hasRegistry = own(self, "registry") !== undefined;
  if (type !== "prometheus" && type !== "registry") return true;
  return type === "prometheus" ? hasPrometheus && !hasRegistry : hasRegistry && !hasPrometheus;
}

function namesAreUnique(self: unknown): boolean {
  if (!Array.isArray(self)) return true;
  const names = self.map((source) => own(source, "name")).filter((name) => name !== undefined);
  return new Set(names).size === names.length;
}

function agree(alias: unknown, canonical: unknown, initial: unknown): boolean {
  if (typeof alias !== typeof initial || typeof canonical !== typeof initial) return true;
  return alias === canonical || canonical === initial;
}

function initialUpToMax(self: unknown): boolean {
  const initial = own(self, "initial");
  const max = own(self, "max");
  if (typeof initial !== "string" || typeof max !== "string") return true;
  const [from, to] = [goNanoseconds(initial), goNanoseconds(max)];
  return from === undefined || to === undefined || from <= to;
}
