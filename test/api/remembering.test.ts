import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { remembering } from "../../src/api/remembering.ts";

function counted(): { readonly judge: (text: string) => string; readonly asked: string[] } {
  const asked: string[] = [];
  return { asked, judge: (text) => `${asked.push(text) && text}!` };
}

test("a text that was judged lately is not judged again", () => {
  const { judge, asked } = counted();
  const answer = remembering(judge, { texts: 2, length: 5 });
  assert.deepEqual(["a", "b", "a", "b"].map(answer), ["a!", "b!", "a!", "b!"]);
  assert.deepEqual(asked, ["a", "b"]);
});

test("the text that nobody asked for the longest makes room for a new one", () => {
  const { judge, asked } = counted();
  const answer = remembering(judge, { texts: 2, length: 5 });
  for (const text of ["a", "b", "a", "c", "a", "b"]) answer(text);
  assert.deepEqual(asked, ["a", "b", "c", "b"]);
});

test("a long text is judged each time and takes no room", () => {
  const { judge, asked } = counted();
  const answer = remembering(judge, { texts: 1, length: 3 });
  for (const text of ["abc", "long", "long", "abc"]) answer(text);
  assert.deepEqual(asked, ["abc", "long", "long"]);
});

test("an answer of undefined is kept too", () => {
  const asked: string[] = [];
  const answer = remembering((text): undefined => void asked.push(text));
  assert.deepEqual(["a", "a"].map(answer), [undefined, undefined]);
  assert.deepEqual(asked, ["a"]);
});

test("whatever is asked in whatever order, the answers are those of the function itself", () => {
  const text = fc.string({ maxLength: 3 });
  const room = fc.record({ texts: fc.nat(4), length: fc.nat(3) });
  fc.assert(
    fc.property(fc.array(text), room, (texts, given) => {
      const answer = remembering((one) => `${one}!`, given);
      assert.deepEqual(
        texts.map(answer),
        texts.map((one) => `${one}!`),
      );
    }),
  );
});
