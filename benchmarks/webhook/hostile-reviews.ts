/** Run by itself: reviews each hostile body once; prints a line with the milliseconds and the name of each. */
import { parseBody } from "../../src/webhook/body.ts";
import { review } from "../../src/webhook/review.ts";
import { warmUp } from "../../src/webhook/warm-up.ts";
import { HOSTILE_BODIES } from "../../test/webhook/hostile-bodies.ts";

warmUp();
for (const { what, body } of HOSTILE_BODIES) {
  const bytes = body();
  const began = performance.now();
  const parsed = parseBody(bytes);
  if (parsed.ok) JSON.stringify(review(parsed.value));
  const took = performance.now() - began;
  process.stdout.write(`${took} ${what}\n`);
}
