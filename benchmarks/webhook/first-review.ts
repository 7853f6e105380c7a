/** Run by itself: reviews one object with the pattern in its first argument; prints the milliseconds that took. */
import { review } from "../../src/webhook/review.ts";
import { warmUp } from "../../src/webhook/warm-up.ts";
import { changed, smallest } from "../../test/api/valid-objects.ts";
import { reviewOf } from "../../test/webhook/reviews.ts";

const object = changed(smallest("DiscoveryPolicy"), "spec.imageFilter", process.argv[2] ?? "");
const body = reviewOf("DiscoveryPolicy", object);
warmUp();
const began = performance.now();
review(body);
process.stdout.write(`${performance.now() - began}\n`);
