/** A pattern that takes a backtracking matcher, or a careless compiler, exponential or quadratic time or space. */
export interface CatastrophicPattern {
  readonly pattern: string;
  /** Where the pattern, or its shape, was published. */
  readonly source: string;
  /** Refused by this rule; allowed without: RE2 matches it in linear time. */
  readonly rule?: "DROP1015" | "DROP1025";
}

const OWASP = "OWASP: Regular expression Denial of Service";
const WIKIPEDIA = "Wikipedia: ReDoS";
const TUTORIAL = "regular-expressions.info: Catastrophic Backtracking";
const COX = "Russ Cox: Regular Expression Matching Can Be Simple And Fast";

/** From the literature on regular expressions. */
const CLASSIC: readonly CatastrophicPattern[] = [
  { pattern: "^(a+)+$", source: OWASP },
  { pattern: "^([a-zA-Z]+)*$", source: OWASP },
  { pattern: "^(a|aa)+$", source: OWASP },
  { pattern: "^(a|a?)+$", source: OWASP },
  { pattern: "^(.*a){11}$", source: OWASP },
  { pattern: "^(.*a){1000}$", source: OWASP, rule: "DROP1025" },
  { pattern: "^(([a-z])+.)+[A-Z]([a-z])+$", source: `${OWASP}, Java class name` },
  {
    pattern:
      "^([a-zA-Z0-9])(([\\-.]|[_]+)?([a-zA-Z0-9]+))*(@){1}[a-z0-9]+[.]{1}(([a-z]{2,3})|([a-z]{2,3}[.]{1}[a-z]{2,3}))$",
    source: `${OWASP}, email`,
  },
  {
    pattern:
      "^([0-9a-zA-Z]([-.\\w]*[0-9a-zA-Z])*@(([0-9a-zA-Z])+([-\\w]*[0-9a-zA-Z])*\\.)+[a-zA-Z]{2,9})$",
    source: `${OWASP}, RegExLib 1757`,
  },
  { pattern: "(a*)*b", source: WIKIPEDIA },
  { pattern: "(a|b|ab)*c", source: WIKIPEDIA },
  { pattern: "(.*)*=", source: WIKIPEDIA },
  { pattern: "(x+x+)+y", source: TUTORIAL },
  { pattern: "^(.*?,){11}P", source: TUTORIAL },
  { pattern: "^(?>(?:.*?,){11})P", source: TUTORIAL, rule: "DROP1015" },
  { pattern: "(\"(\\\\.|[^\"])*\"|'(\\\\.|[^'])*')+$", source: TUTORIAL },
  { pattern: "(a?){25}a{25}", source: COX },
  { pattern: "(a?){500}a{500}", source: COX, rule: "DROP1025" },
  { pattern: "v\\w*_\\w*_\\w*$", source: "regexploit's README" },
  { pattern: "(.+)+\\1+$", source: "back-references make matching NP-complete", rule: "DROP1015" },
];

/** From outages and from reports of vulnerabilities. */
const REPORTED: readonly CatastrophicPattern[] = [
  {
    pattern:
      "(?:(?:\"|'|\\]|\\}|\\\\|\\d|(?:nan|infinity|true|false|null|undefined|symbol|math)|`|\\-|\\+)+[)]*;?((?:\\s|-|~|!|{}|\\|\\||\\+)*.*(?:.*=.*)))",
    source: "Cloudflare's outage of 2 July 2019",
  },
  {
    pattern: "^[\\s\\x{200c}]+|[\\s\\x{200c}]+$",
    source: "Stack Overflow's outage of 20 July 2016",
  },
  { pattern: "^\\[(,.*)*\\]$", source: "CVE-2009-3277" },
  {
    pattern:
      "^(?i)((?:\\d+)?\\.?\\d+) *(milliseconds?|msecs?|ms|seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d|years?|yrs?|y)?$",
    source: "CVE-2015-8315, ms",
  },
  {
    pattern: "^((?:\\[[^\\]]*\\]|[^\\[\\]]|\\](?=[^\\[]*\\]))*)",
    source: "CVE-2015-8854, marked",
    rule: "DROP1015",
  },
  { pattern: "^\\s*(\\S+?)(?:-(\\S+?))?\\s*(?:;(.*))?$", source: "CVE-2016-10539, negotiator" },
  {
    pattern: "^(?:(?!(?:\\/|^)\\.).)*?$",
    source: "CVE-2016-10540, minimatch",
    rule: "DROP1015",
  },
  { pattern: "^(([^=;]+))\\s*=\\s*([^\\n\\r\\x00]*)", source: "CVE-2017-15010, tough-cookie" },
  {
    pattern: "(?i)(?:charset|encoding)\\s*=\\s*['\"]? *([\\w\\-]+)",
    source: "CVE-2017-16098, charset",
  },
  {
    pattern:
      '(?i)^([^/]+/[^\\s;]+)(?:(?:\\s*;\\s*boundary=(?:"([^"]+)"|([^;"]+)))|(?:\\s*;\\s*[^=]+=(?:(?:"(?:[^"]+)")|(?:[^;"]+))))*$',
    source: "CVE-2017-16111, content",
  },
  {
    pattern: "^(`+)\\s*([\\s\\S]*?[^`])\\s*\\1(?!`)",
    source: "CVE-2017-16114, marked",
    rule: "DROP1015",
  },
  { pattern: "^\\s+|\\s+$", source: "CVE-2017-16116, string" },
  { pattern: " *, *", source: "CVE-2017-16119, fresh" },
  { pattern: "\\s*\\n\\s*", source: "CVE-2017-16137, debug" },
  { pattern: ".*[\\.\\/\\\\]", source: "CVE-2017-16138, mime" },
  {
    pattern:
      "(?i)[0-9]*['a-z\\x{A0}-\\x{5FF}\\x{700}-\\x{D7FF}\\x{F900}-\\x{FDCF}\\x{FDF0}-\\x{FFEF}]+|[\\x{600}-\\x{6FF}/]+(\\s*?[\\x{600}-\\x{6FF}]+){1,2}",
    source: "CVE-2017-18214, moment",
    rule: "DROP1025",
  },
  {
    pattern: "^\\{(,+(?:(\\{,+\\})*),*|,*(?:(\\{,+\\})*),+)\\}",
    source: "CVE-2018-1109, braces",
  },
  {
    pattern: "^([a-z0-9-]+)[ \\t]+([a-zA-Z0-9+/]+[=]*)([\\n \\t]+([^\\n]+))?$",
    source: "CVE-2018-3737, sshpk",
  },
  { pattern: "\\bSmartWatch *\\( *([^;]+) *; *([^;]+) *;", source: "CVE-2020-5243, uap-core" },
  {
    pattern: "; *([^;/]+) Build[/ ]Huawei(MT1-U06|[A-Z]+\\d+[^\\);]+)[^\\);]*\\)",
    source: "CVE-2020-5243, uap-core",
  },
  {
    pattern: '"((?:\\\\[\\x00-\\x7f]|[^\\x00-\\x08\\x0a-\\x1f\\x7f"])*)"',
    source: "CVE-2020-7662, websocket-extensions",
  },
  { pattern: "^\\s*|\\s*$", source: "CVE-2020-7753, trim" },
  { pattern: "^.+@.+\\..+$", source: "CVE-2020-7754, npm-user-validate" },
  {
    pattern: "^rgb\\(\\s*(.+)\\s*,\\s*(.+)\\s*,\\s*(.+)\\s*\\)",
    source: "CVE-2020-7755, dat.gui",
  },
  {
    pattern: "(?:.*,)*[ \\t]*([^ \\t]+)[ \\t]+realm=([\"']?)([^\"']*)\\2",
    source: "CVE-2020-8492, Python's urllib",
    rule: "DROP1015",
  },
  {
    pattern: "(?i)<\\w+(\\s+(\"[^\"]*\"|'[^']*'|[^>])+)?>|<\\/\\w+>",
    source: "CVE-2020-27511, prototype",
  },
  { pattern: "[\\{\\[].*[\\/]*.*[\\}\\]]$", source: "CVE-2020-28469, glob-parent" },
  { pattern: "\\s*(\\d+)\\s*(\\S+) (.*)", source: "CVE-2020-29651, py" },
  {
    pattern: "^(\\/?|)([\\s\\S]*?)((?:\\.{1,2}|[^\\/]+?|)(\\.[^.\\/]*|))(?:[\\/]*)$",
    source: "CVE-2021-23343, path-parse",
  },
  { pattern: "\\/\\*\\s*# sourceMappingURL=(.*)\\s*\\*\\/", source: "CVE-2021-23382, postcss" },
  { pattern: "^([^-]+)-([^?]+)([?\\S*]*)$", source: "CVE-2021-27290, ssri" },
  {
    pattern:
      "(?i)^\\s*(?:<\\?xml[^>]*>\\s*)?(?:<!doctype svg[^>]*\\s*(?:\\[?(?:\\s*<![^>]*>\\s*)*\\]?)*[^>]*>\\s*)?<svg[^>]*>[^]*<\\/svg>\\s*$",
    source: "CVE-2021-28092, is-svg",
    rule: "DROP1015",
  },
  {
    pattern:
      "^hwb\\(\\s*([+-]?\\d*[\\.]?\\d+)(?:deg)?\\s*,\\s*([+-]?[\\d\\.]+)%\\s*,\\s*([+-]?[\\d\\.]+)%\\s*\\)$",
    source: "CVE-2021-29060, color-string",
  },
  {
    pattern: "^data:(?P<type>.*?),(?P<data>.*?)(?:#(?P<hash>.*))?$",
    source: "CVE-2021-33502, normalize-url",
  },
  { pattern: "^([+-]?\\d*n)?\\s*(?:([+-]?)\\s*(\\d+))?$", source: "CVE-2021-3803, nth-check" },
  {
    pattern:
      "[\\x1B\\x{9B}][[\\]()#;?]*(?:(?:(?:[a-zA-Z\\d]*(?:;[-a-zA-Z\\d\\/#&.:=?%@~_]*)*)?\\x07)|(?:(?:\\d{1,4}(?:;\\d{0,4})*)?[\\dA-PR-TZcf-ntqry=><~]))",
    source: "CVE-2021-3807, ansi-regex",
  },
  { pattern: "\\{.*\\}", source: "CVE-2022-3517, minimatch" },
  { pattern: "\\([^)]*\\)|[\\n\\t]", source: "CVE-2022-31129, moment" },
  {
    pattern: "(?i)\\[(?:([^:\\]]+):)?(?:hash|contenthash)(?::([a-z]+\\d*))?(?::(\\d+))?\\]",
    source: "CVE-2022-37603, loader-utils",
  },
];

const GO = "what Go's regexp was hardened against";
const SIZE = "costs of compiling, not of matching";

/** Against the compiler: small texts with large programs, deep ones, and wide classes. */
const COMPILED: readonly CatastrophicPattern[] = [
  {
    pattern: `${"(".repeat(512)}${")".repeat(512)}`,
    source: `CVE-2022-24921, ${GO}`,
    rule: "DROP1025",
  },
  { pattern: `${"(?:".repeat(204)}a${")*".repeat(204)}`, source: `CVE-2022-24921, ${GO}` },
  { pattern: "((a{1000}){1000}){1000}", source: `CVE-2022-41715, ${GO}`, rule: "DROP1015" },
  { pattern: "(x{100}){11}", source: `CVE-2022-41715, ${GO}`, rule: "DROP1015" },
  { pattern: "((a{1,10}){1,10}){1,10}", source: GO, rule: "DROP1025" },
  { pattern: "(xx?){1000}", source: GO, rule: "DROP1025" },
  { pattern: "((((((((((x{2}){2}){2}){2}){2}){2}){2}){2}){2}){2})", source: GO, rule: "DROP1015" },
  { pattern: "a{1001}", source: GO, rule: "DROP1015" },
  { pattern: "(?i)[\\x{0}-\\x{10ffff}]", source: SIZE, rule: "DROP1025" },
  { pattern: "(?i)[\\x{0}-\\x{1fff}]{40}", source: SIZE },
  { pattern: "\\pL\\pN\\pS\\pM\\pP\\pZ\\pC\\pL", source: SIZE },
  { pattern: "(?i)\\pL\\PL\\pN\\PN", source: SIZE },
  { pattern: "\\pL".repeat(100), source: SIZE, rule: "DROP1025" },
  { pattern: "[\\pL\\pN]{200}", source: SIZE },
  { pattern: "(?:.?){240}", source: SIZE },
  { pattern: "(?:a|b|c|d|e|f){80}", source: SIZE },
  { pattern: "a|".repeat(511), source: SIZE },
  { pattern: "[a-z0-9]?".repeat(102), source: SIZE },
  { pattern: "(?i)k{400}", source: SIZE },
  { pattern: `\\Q${"(a+)+".repeat(200)}`, source: SIZE, rule: "DROP1025" },
  { pattern: "[^a]{490}", source: SIZE },
  { pattern: `^(?!${"(a+)+".repeat(20)})(?!(b*)*)${"(?:c?)".repeat(40)}$`, source: SIZE },
  { pattern: "x*".repeat(512), source: SIZE, rule: "DROP1025" },
];

/** Patterns that are known to bring matchers and compilers down, a few ways to write each. */
export const CATASTROPHIC_PATTERNS: readonly CatastrophicPattern[] = [
  ...CLASSIC,
  ...REPORTED,
  ...COMPILED,
];
