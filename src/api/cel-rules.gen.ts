// Generated from crds/ by `npm run generate`. Do not edit.

/** The text of every CEL rule in the CRDs. */
export type CelRule =
  | "!(has(self.tag) && has(self.digest))"
  | "!has(self.initial) || !has(self.max) || !self.initial.matches(r'^([0-9]{1,5}(\\.[0-9]{1,9})?(ns|us|ms|s|m|h)){1,4}$') || !self.max.matches(r'^([0-9]{1,5}(\\.[0-9]{1,9})?(ns|us|ms|s|m|h)){1,4}$') || duration(self.initial) <= duration(self.max)"
  | "!has(self.interval) || self.interval == self.syncInterval || self.syncInterval == '30m'"
  | "!has(self.topX) || self.topX == self.maxImages || self.maxImages == 50"
  | "!self.matches(r'(@|:[^/]*$)')"
  | "self.all(a, !has(a.name) || self.exists_one(b, has(b.name) && b.name == a.name))"
  | "self.matches(r'[1-9]') || !self.matches(r'^[0-9]')"
  | "self.matches(r'^(0|([0-9]+([.][0-9]+)?(ns|us|µs|μs|ms|s|m|h|d|w|y))+)$')"
  | "self.matches(r'^(\\(\\?[isU]+\\))?(\\^|\\\\A)\\(\\?!') || ''.matches(self) in [true, false]"
  | "self.matches(r'^(sha256:[a-f0-9]{64}|sha384:[a-f0-9]{96}|sha512:[a-f0-9]{128})$')"
  | "self.matches(r'^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$')"
  | "self.matches(r'^https?://[^/@?#\\s\\\\]+(/[^?#\\s\\\\]*)?$')"
  | "self.type == 'prometheus' ? has(self.prometheus) && !has(self.registry) : has(self.registry) && !has(self.prometheus)";
