import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { resultSplitter } from "../../src/discovery/prometheus/result-splitter.ts";

/** Splits a text that comes in chunks of these sizes, over and over. */
function split(text: string, sizes: readonly number[] = [1 << 20]) {
  const series: string[] = [];
  const sieve = resultSplitter((one) => series.push(one));
  const bytes = Buffer.from(text);
  const left: Buffer[] = [];
  for (let at = 0, turn = 0; at < bytes.byteLength; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    left.push(sieve(bytes.subarray(at, at + size)));
    at += size;
  }
  return { series, rest: Buffer.concat(left).toString("utf8") };
}

const answers = [
  {
    name: "a vector",
    text: '{"status":"success","data":{"resultType":"vector","result":[{"metric":{"image":"a"},"value":[1,"2"]},{"metric":{},"value":[1,"3"]}]},"warnings":["w"]}',
    rest: '{"status":"success","data":{"resultType":"vector","result":[0,0]},"warnings":["w"]}',
    series: ['{"metric":{"image":"a"},"value":[1,"2"]}', '{"metric":{},"value":[1,"3"]}'],
  },
  {
    name: "an answer in any layout",
    text: '{ "data" : { "result" :\n [ {"metric":{}} , {"a":{"b":{}}} ] } }',
    rest: '{ "data" : { "result" :\n [ 0 , 0 ] } }',
    series: ['{"metric":{}}', '{"a":{"b":{}}}'],
  },
  {
    name: "brackets and quotes in labels",
    text: String.raw`{"data":{"result":[{"metric":{"image":"a\"}]{\\"}}]}}`,
    rest: '{"data":{"result":[0]}}',
    series: [String.raw`{"metric":{"image":"a\"}]{\\"}}`],
  },
  {
    name: "a scalar",
    text: '{"data":{"resultType":"scalar","result":[1,"2"]}}',
    rest: '{"data":{"resultType":"scalar","result":[1,"2"]}}',
    series: [],
  },
  {
    name: "lists that are no result",
    text: '{"data":{"other":[{"metric":{}}],"x\\"result":[{}]},"result":[{"metric":{}}]}',
    rest: '{"data":{"other":[{"metric":{}}],"x\\"result":[{}]},"result":[{"metric":{}}]}',
    series: [],
  },
  {
    name: "a login page",
    text: '<html>{["]}</html>',
    rest: '<html>{["]}</html>',
    series: [],
  },
] as const;

for (const { name, text, rest, series } of answers) {
  test(`of ${name} the series are taken out, however it is cut into chunks`, () => {
    for (const sizes of [[1 << 20], [1], [3], [2, 7, 1]]) {
      assert.deepEqual(split(text, sizes), { series, rest }, `chunks of ${sizes}`);
    }
  });
}

test("whatever the labels are, each series comes out as it was and the rest stays JSON", () => {
  const labels = fc.dictionary(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }));
  const sizes = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(fc.array(labels), sizes, (metrics, cuts) => {
      const result = metrics.map((metric) => ({ metric, value: [1, "2"] }));
      const { series, rest } = split(JSON.stringify({ data: { result }, warnings: [{}] }), cuts);
      assert.deepEqual(
        series.map((text) => JSON.parse(text)),
        JSON.parse(JSON.stringify(result)),
      );
      const zeros = metrics.map(() => 0);
      assert.deepEqual(JSON.parse(rest), { data: { result: zeros }, warnings: [{}] });
    }),
  );
});

test("no text breaks the splitter", () => {
  const pieces = fc.constantFrom('"', "\\", "[", "]", "{", "}", '"result":', '{"data":{"result":[');
  fc.assert(fc.property(fc.array(pieces), (parts) => void split(parts.join(""), [3])));
});

test("a series that never ends is refused before it fills the memory", () => {
  const sieve = resultSplitter(() => undefined);
  sieve(Buffer.from('{"data":{"result":[{"values":['));
  const chunk = Buffer.alloc(1 << 20, " ");
  assert.throws(
    () => {
      for (let count = 0; count < 10; count++) sieve(chunk);
    },
    { reason: "AnswerTooLarge" },
  );
});

test("a series that is no UTF-8 is an invalid answer", () => {
  const sieve = resultSplitter(() => undefined);
  const text = Buffer.from('{"data":{"result":[{"metric":{"image":"\xff"}}]}}', "latin1");
  assert.throws(() => sieve(text), { reason: "InvalidAnswer" });
});
