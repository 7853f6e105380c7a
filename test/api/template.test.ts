import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Fault } from "../../src/api/parsed.ts";
import { MAX_TEMPLATE_LENGTH, parseTemplate, type Template } from "../../src/api/template.ts";

const VARIABLES = {
  registry: "registry.example.com:5000",
  repository: "team/App",
  tag: "v1.2.3",
};

function templateOf(source: string): Template {
  const result = parseTemplate(source);
  if (!result.ok) assert.fail(`${source}: ${result.fault.what} (${result.fault.offset})`);
  return result.value;
}

function rendered(source: string, variables = VARIABLES): string {
  const result = templateOf(source).render(variables);
  if (!result.ok) assert.fail(`${source}: ${result.fault.what}`);
  return result.value;
}

function faultOf(source: string): Fault {
  const result = parseTemplate(source);
  if (result.ok) assert.fail(`${JSON.stringify(source)} was accepted`);
  return result.fault;
}

/** What Go's text/template writes for the same source, with sprig's functions. */
const renders: readonly [source: string, output: string][] = [
  ["", ""],
  ["plain", "plain"],
  ["a } b }} c", "a } b }} c"],
  ["{{ .Registry }}/{{ .Repository }}:{{ .Tag }}", "registry.example.com:5000/team/App:v1.2.3"],
  [
    "registry.gitlab.com/{{ .Repository }}:x86_64-{{ .Tag }}",
    "registry.gitlab.com/team/App:x86_64-v1.2.3",
  ],
  ["{{.Tag}}", "v1.2.3"],
  ["{{\n.Tag\t}}", "v1.2.3"],
  ['{{ trimPrefix "v" .Tag }}', "1.2.3"],
  ['{{ .Tag | trimPrefix "v" }}', "1.2.3"],
  ['{{ .Tag|trimPrefix "v"|trimSuffix ".3" }}', "1.2"],
  ['{{ trimPrefix "x" .Tag }}', "v1.2.3"],
  ['{{ trimSuffix "" .Tag }}', "v1.2.3"],
  ['{{ replace "." "-" .Tag }}', "v1-2-3"],
  ['{{ .Tag | replace "." "$&" }}', "v1$&2$&3"],
  ['{{ replace "" "_" "a🙂b" }}', "_a_🙂_b_"],
  ["{{ lower .Repository }}/{{ upper .Tag }}", "team/app/V1.2.3"],
  ['{{ lower "İ" }}{{ upper "ß" }}', "iß"],
  ['{{ printf "%s:%s" .Repository .Tag }}', "team/App:v1.2.3"],
  ['{{ .Tag | printf "%s-%s" "x86" }}', "x86-v1.2.3"],
  ['{{ printf "%q %v %d %%" .Tag true 7 }}', '"v1.2.3" true 7 %'],
  ['[{{ printf "%8s|%-8s|%.2s|%5.1s" .Tag .Tag .Tag .Tag }}]', "[  v1.2.3|v1.2.3  |v1|    v]"],
  ['{{ printf "%05d|%5d|%-5d|%d" -42 -42 -42 +7 }}', "-0042|  -42|-42  |7"],
  ['{{ printf "%q" "a\\"\\\\\\n\\x7f\\u200b\\U0001F642é" }}', '"a\\"\\\\\\n\\x7f\\u200b🙂é"'],
  ['{{ printf "%4s" "🙂" }}', "   🙂"],
  ['{{ `raw \\n "` }}', 'raw \\n "'],
  ["{{ `a\r\nb` }}", "a\nb"],
  ['{{ "\\a\\b\\f\\n\\r\\t\\v\\\\\\"\\x41\\101\\u00e9" }}', '\u0007\b\f\n\r\t\v\\"AAé'],
  ["{{ true }}{{ false }}{{ 5 }}{{ -0 }}", "truefalse50"],
  ['{{ eq .Tag "v1.2.3" }} {{ ne .Tag "v1.2.3" }}', "true false"],
  ['{{ eq .Tag "a" "b" "v1.2.3" }} {{ eq 1 2 3 }} {{ eq true true }}', "true false true"],
  ['{{ .Tag | eq "v1.2.3" | not }}', "false"],
  ['{{ not 0 }}{{ not "" }}{{ not .Tag }}', "truetruefalse"],
  ['{{ or "" .Tag }} {{ and .Tag 0 "x" }} {{ or 0 "" false }} {{ and 1 2 }}', "v1.2.3 0 false 2"],
  ['{{ .Tag | or "" }} {{ .Tag | and "" }}', "v1.2.3 "],
  ["{{ if .Tag }}yes{{ end }}", "yes"],
  ['{{ if "" }}yes{{ else }}no{{ end }}', "no"],
  ['{{ if eq .Tag "x" }}a{{ else if eq .Tag "v1.2.3" }}b{{ else }}c{{ end }}', "b"],
  ["{{ if 0 }}a{{ else if false }}b{{ end }}", ""],
  ["{{ if true }}{{ if 0 }}a{{ else }}b{{ end }}{{ end }}", "b"],
  ["{{ (.Tag) }}{{ ( lower ( upper .Tag ) | upper ) }}", "v1.2.3V1.2.3"],
  ["a \n{{- .Tag -}}\t b", "av1.2.3b"],
  ["a {{- 3 }} {{ 3 -}} b", "a3 3b"],
  ["a {{-3}}", "a -3"],
  ["a{{/* a comment {{ }} */}}b {{- /* c */ -}} c", "abc"],
  ["{{ if .Tag -}} a {{- else -}} b {{- end }}", "a"],
];

test("a template writes what Go's text/template writes", () => {
  for (const [source, output] of renders) assert.equal(rendered(source), output, source);
});

test("and and or do not render what they skip", () => {
  const long = '(printf "%999s%999s%999s%999s%999s" "" "" "" "" "")';
  assert.equal(rendered(`{{ or .Tag ${long} }}`), "v1.2.3");
  assert.equal(rendered(`{{ and "" ${long} }}`), "");
});

const refused: readonly [source: string, what: RegExp, fix: RegExp, offset: number][] = [
  ["{{ .Foo }}", /no variable .Foo/, /use .Registry, .Repository, .Tag/, 3],
  ["{{ .tag }}", /no variable .tag/, /write .Tag$/, 3],
  ["{{ . }}", /no variable .$/, /use .Registry/, 3],
  ["{{ .Tag.Name }}", /no fields/, /leave out/, 7],
  ["{{ .__proto__ }}", /no variable .__proto__/, /use .Registry/, 3],
  ["{{ constructor .Tag }}", /"constructor" is not available/, /functions printf, eq/, 3],
  ["{{ Lower .Tag }}", /"Lower" is not available/, /write lower$/, 3],
  ["{{ len .Tag }}", /"len" is not available/, /use .Registry/, 3],
  ["{{ print .Tag }}", /"print" is not available/, /printf/, 3],
  ["{{ nil }}", /"nil" is not available/, /use .Registry/, 3],
  ["{{ range .Tag }}{{ end }}", /"range" is not available/, /if\/else\/end/, 3],
  ["{{ with .Tag }}{{ end }}", /"with" is not available/, /if\/else\/end/, 3],
  ['{{ define "x" }}{{ end }}', /"define" is not available/, /use/, 3],
  ['{{ template "x" }}', /"template" is not available/, /use/, 3],
  ['{{ block "x" . }}{{ end }}', /"block" is not available/, /use/, 3],
  ["a{{ break }}", /"break" is not available/, /use/, 4],
  ["{{ $x }}", /variables of one's own/, /repeat/, 3],
  ["{{ $x := .Tag }}", /variables of one's own/, /repeat/, 3],
  ["{{ .Tag := 1 }}", /variables of one's own/, /repeat/, 8],
  ["{{ 'a' }}", /cannot contain "'"/, /double quotes/, 3],
  ["{{ .Tag, }}", /cannot contain ","/, /spaces/, 7],
  ["{{ .Tag-}}", /cannot contain "-"/, /spaces/, 7],
  ["{{ 🙂 }}", /cannot contain "🙂"/, /double quotes/, 3],
  ["{{ 1.5 }}", /number "1.5"/, /whole decimal/, 3],
  ["{{ 010 }}", /number "010"/, /whole decimal/, 3],
  ["{{ 0x1F }}", /number "0x1F"/, /whole decimal/, 3],
  ["{{ 9007199254740993 }}", /number/, /whole decimal/, 3],
  ["{{ lower 5 }}", /lower takes texts, .* a number/, /double quotes/, 9],
  ["{{ upper (or .Tag 5) }}", /upper takes texts, .* a number/, /printf/, 10],
  ["{{ if false }}{{ lower true }}{{ end }}", /can be a boolean/, /printf/, 23],
  ["{{ lower }}", /takes 1 operand and has 0/, /write lower <text>/, 3],
  ['{{ replace "." .Tag }}', /takes 3 operands and has 2/, /replace <old> <new> <text>/, 3],
  [
    '{{ .Tag | trimPrefix "a" "b" }}',
    /takes 2 operands and has 3/,
    /trimPrefix <prefix> <text>/,
    10,
  ],
  ["{{ eq .Tag 5 }}", /compares a text with what can be a number/, /one type/, 11],
  ["{{ eq .Tag }}", /eq takes two operands or more and has 1/, /write eq/, 3],
  ["{{ ne 1 2 3 }}", /ne takes two operands and has 3/, /write ne/, 3],
  ["{{ not }}", /not takes one operand and has 0/, /write not/, 3],
  ["{{ and }}", /and has no operand/, /write and/, 3],
  ["{{ printf }}", /format in quotes/, /printf "%s-%s"/, 3],
  ["{{ printf .Tag }}", /format in quotes/, /printf "%s-%s"/, 10],
  ['{{ "%s" | printf (lower "%s") }}', /format in quotes/, /printf "%s-%s"/, 18],
  ['{{ printf "%x" .Tag }}', /no verb "%x"/, /%s, %q, %v, %d/, 10],
  ['{{ printf "100%" }}', /no verb "%"/, /%%/, 10],
  ['{{ printf "%[1]s" .Tag }}', /no verb "%\["/, /use/, 10],
  ['{{ printf "%*s" 5 .Tag }}', /no verb "%\*"/, /use/, 10],
  ['{{ printf "%1000s" .Tag }}', /no verb/, /use/, 10],
  ['{{ printf "%05s" .Tag }}', /no verb "%05s"/, /%08d/, 10],
  ['{{ printf "%.2d" 5 }}', /no verb "%.2d"/, /use/, 10],
  ['{{ printf "%d" .Tag }}', /%d takes a number, value 1 is a text/, /%s for a text/, 10],
  ['{{ printf "%s%s" .Tag (eq 1 1) }}', /value 2 is a boolean/, /%v for anything/, 10],
  ['{{ printf "%s" }}', /1 verb for 0 values/, /one value for each/, 10],
  ['{{ printf "x" .Tag }}', /0 verbs for 1 value$/, /one value for each/, 10],
  ['{{ "a" "b" }}', /only a function takes operands/, /function first/, 3],
  ["{{ .Tag | .Tag }}", /only a function takes operands/, /function first/, 10],
  ["{{ .Tag | 5 }}", /only a function takes operands/, /function first/, 10],
  ["{{ (lower .Tag) .Tag }}", /only a function takes operands/, /function first/, 3],
  ['{{ printf "%s" lower }}', /function lower stands where a value/, /parentheses/, 15],
  ["{{ lower(.Tag) }}", /two operands touch/, /space/, 8],
  ['{{ eq "a""b" }}', /two operands touch/, /space/, 9],
  ["{{}}", /value is missing/, /.Tag/, 2],
  ["{{ }}", /value is missing/, /.Tag/, 3],
  ["{{ () }}", /value is missing/, /.Tag/, 4],
  ["{{ .Tag | }}", /value is missing/, /.Tag/, 10],
  ["{{ | lower }}", /value is missing/, /.Tag/, 3],
  ["{{ if }}a{{ end }}", /value is missing/, /.Tag/, 6],
  ["{{ (.Tag }}", /"\(" is not closed/, /write a "\)"/, 9],
  ["{{ .Tag) }}", /"\)" closes nothing/, /for each/, 7],
  ["a {{ .Tag", /action is not closed/, /"}}"/, 2],
  ["{{", /action is not closed/, /"}}"/, 0],
  ['{{ "abc }}', /quoted text is not closed/, /write " at/, 3],
  ['{{ "a\nb" }}', /quoted text is not closed/, /write " at/, 3],
  ["{{ `abc }}", /quoted text is not closed/, /write ` at/, 3],
  ['{{ "\\q" }}', /escape that is not available/, /backquotes/, 3],
  ['{{ "\\xff" }}', /escape that is not available/, /backquotes/, 3],
  ['{{ "\\ud800" }}', /escape that is not available/, /backquotes/, 3],
  ['{{ "\\777" }}', /escape that is not available/, /backquotes/, 3],
  ["{{/* x }}", /comment is not closed/, /\*\/}}/, 2],
  ["{{/* x */ .Tag }}", /comment or something else/, /close the comment/, 7],
  ["{{ /* x */ }}", /cannot contain "\/"/, /spaces/, 3],
  ["{{ if .Tag }}a", /"if" has no end/, /{{ end }}/, 0],
  ["{{ if .Tag }}a{{ else }}b", /"if" has no end/, /{{ end }}/, 0],
  ["{{ if .Tag }}a{{ else }}b{{ else }}c{{ end }}", /two "else"/, /else if/, 25],
  ["a{{ end }}", /"end" belongs to no "if"/, /leave it out/, 1],
  ["a{{ else }}", /"else" belongs to no "if"/, /leave it out/, 1],
  ["{{ if 1 }}{{ end .Tag }}", /"end" takes no value/, /{{ end }}/, 17],
  ["{{ if 1 }}{{ else .Tag }}{{ end }}", /"else" takes no value/, /{{ else }}/, 18],
];

test("what is outside the subset is refused at its place, with what to write instead", () => {
  for (const [source, what, fix, offset] of refused) {
    const fault = faultOf(source);
    assert.match(fault.what, what, source);
    assert.match(fault.fix, fix, source);
    assert.equal(fault.offset, offset, source);
  }
});

test("a source longer than its limit is refused", () => {
  assert.ok(parseTemplate("a".repeat(MAX_TEMPLATE_LENGTH)).ok);
  assert.match(
    faultOf("a".repeat(MAX_TEMPLATE_LENGTH + 1)).what,
    /1025 characters, more than 1024/,
  );
});

test("parentheses and if nest 20 deep and no deeper", () => {
  const inParentheses = (depth: number) => `{{ ${"(".repeat(depth)}.Tag${")".repeat(depth)} }}`;
  const inIfs = (depth: number) => `${"{{if 1}}".repeat(depth)}x${"{{end}}".repeat(depth)}`;
  assert.equal(rendered(inParentheses(20)), "v1.2.3");
  assert.equal(rendered(inIfs(20)), "x");
  assert.match(faultOf(inParentheses(21)).what, /more than 20 deep/);
  assert.match(faultOf(inIfs(21)).what, /more than 20 deep/);
  assert.match(faultOf(`{{${"(".repeat(1_000)}}}`).what, /more than 20 deep/);
});

test("a long chain of else if is no nesting", () => {
  const chain = `{{if 0}}a${"{{else if 0}}b".repeat(60)}{{else}}c{{end}}`;
  assert.equal(rendered(chain), "c");
});

test("output past its limit is a fault, found before the text is built", () => {
  const sources = [
    '{{ printf "%999s%999s%999s%999s%999s" "" "" "" "" "" }}',
    `${'{{ printf "%999s" "" }}'.repeat(5)}`,
    `{{ ${'"aaaaaaaaaa"'} ${'| replace "" "aaaaaaaaaa"'.repeat(8)} }}`,
    `{{ if ${'"aaaaaaaaaa"'} ${'| replace "a" "aaaaaaaaaa"'.repeat(8)} }}x{{ end }}`,
  ];
  for (const source of sources) {
    const result = templateOf(source).render(VARIABLES);
    assert.ok(!result.ok, source);
    assert.match(result.fault.what, /more than 4096 characters/);
  }
  const long = templateOf("{{ .Tag }}").render({ ...VARIABLES, tag: "a".repeat(4_097) });
  assert.ok(!long.ok);
  assert.equal(rendered("{{ .Tag }}", { ...VARIABLES, tag: "a".repeat(4_096) }).length, 4_096);
});

test("a template keeps its source and renders the same text every time", () => {
  const template = templateOf('{{ .Tag | trimPrefix "v" }}');
  assert.equal(template.source, '{{ .Tag | trimPrefix "v" }}');
  const twice = [template.render(VARIABLES), template.render(VARIABLES)];
  assert.deepEqual(twice, [
    { ok: true, value: "1.2.3" },
    { ok: true, value: "1.2.3" },
  ]);
});

const piece = fc.constantFrom(
  ...[
    "{{",
    "}}",
    "{{-",
    " -}}",
    " ",
    "-",
    "|",
    "(",
    ")",
    ".Tag",
    ".Registry",
    ".",
    "$x",
    ":=",
    '"',
  ],
  ...[
    "`",
    "5",
    "-3",
    "1.5",
    "true",
    "lower",
    "eq",
    "not",
    "and",
    "or",
    "printf",
    '"%s"',
    '"%d"',
    '"v"',
  ],
  ...["replace", "if", "else", "end", "range", "/*", "*/", "\\", "é", "🙂", "\ud800", "\n", ","],
);
const source = fc.oneof(
  fc.array(piece, { maxLength: 14 }).map((parts) => parts.join(" ")),
  fc.array(piece, { maxLength: 14 }).map((parts) => `{{ ${parts.join("")} }}`),
  fc.string({ unit: "binary", maxLength: 60 }),
);

test("arbitrary sources are templates or faults at a place within them", () => {
  const variables = fc.record({ registry: fc.string(), repository: fc.string(), tag: fc.string() });
  fc.assert(
    fc.property(source, variables, (text, values) => {
      const result = parseTemplate(text);
      if (result.ok) {
        result.value.render(values);
        return;
      }
      const { what, fix, offset = 0 } = result.fault;
      assert.ok(what !== "" && fix !== "");
      assert.ok(offset >= 0 && offset <= text.length);
    }),
    { numRuns: 3000 },
  );
});

test("text without braces is written as it is", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 60 }), (text) => {
      if (!text.includes("{{")) assert.equal(rendered(text), text);
    }),
  );
});

test("a quoted text is written as it was meant, whatever it holds", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 40 }), (text) => {
      const quoted = rendered('{{ printf "%q" .Tag }}', { ...VARIABLES, tag: text });
      assert.equal(rendered(`{{ ${quoted} }}`), text);
    }),
  );
});
