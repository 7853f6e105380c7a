import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { review } from "../../src/webhook/review.ts";
import { changed, fullest, smallest } from "../api/valid-objects.ts";
import { ask } from "../support/http.ts";
import { CATASTROPHIC_PATTERNS } from "./catastrophic-patterns.ts";
import { HOSTILE_BODIES } from "./hostile-bodies.ts";
import { reviewOf } from "./reviews.ts";
import { type Serving, serve } from "./serving.ts";

test("fifty patterns and more that bring matchers down are judged", () => {
  assert.ok(CATASTROPHIC_PATTERNS.length >= 50);
});

for (const { pattern, source, rule } of CATASTROPHIC_PATTERNS) {
  const shown = pattern.length > 60 ? `${pattern.slice(0, 60)}…` : pattern;
  test(`${shown} (${source}) is ${rule === undefined ? "allowed" : `refused by ${rule}`}`, () => {
    const object = changed(smallest("DiscoveryPolicy"), "spec.imageFilter", pattern);
    const { response } = review(reviewOf("DiscoveryPolicy", object));
    const causes = response.status?.details?.causes ?? [];
    assert.equal(response.allowed, rule === undefined);
    for (const { field, message } of causes) {
      assert.equal(field, "spec.imageFilter");
      assert.ok(message.endsWith(`[${rule}]`), message);
    }
  });
}

describe("the most expensive bodies", () => {
  let serving: Serving;

  before(async () => {
    serving = await serve();
  });

  after(() => serving.stop());

  function post(path: string, body: string | Uint8Array) {
    const headers = { "content-type": "application/json" };
    const caPem = serving.certificate?.caPem;
    return ask(`${serving.url}${path}`, { method: "POST", headers, body, caPem });
  }

  for (const { what, body } of HOSTILE_BODIES) {
    test(`${what}: answered in few words, and others after it as ever`, async () => {
      const { status, body: text } = await post("/mutate", body());
      assert.ok(status === 200 || status === 400, `${status}: ${text.slice(0, 500)}`);
      if (status === 200) assert.equal(JSON.parse(text).response.uid, "7f0b");
      assert.ok(text.length < 128 * 1024, `${text.length} characters`);
      assert.doesNotMatch(text, /"code":500/);
      const good = JSON.stringify(reviewOf("PullPolicy", fullest("PullPolicy")));
      assert.equal(JSON.parse((await post("/validate", good)).body).response.allowed, true);
    });
  }
});
