/** Run by itself: reviews one object with the pattern in its first argument; prints the milliseconds that took. */
import { setTimeout as pause } from "node:timers/promises";
import { review } from "../../src/webhook/review.ts";
import { warmUp } from "../../src/webhook/warm-up.ts";
import { changed, smallest } from "../../test/api/valid-objects.ts";
import { reviewOf } from "../../test/webhook/reviews.ts";

const object = changed(smallest("DiscoveryPolicy"), "spec.imageFilter", process.argv[2] ?? "");
const body = reviewOf("DiscoveryPolicy", object);
warmUp();
// No API server knows of a Pod sooner: what warming up leaves to be done in the background is done.
await pause(100);
const began = performance.now();
review(body);
const took = performance.now() - began;
process.stdout.write(`${took}\n`);
