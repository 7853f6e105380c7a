import type { CachedImageStatus } from "../../api/types.gen.ts";
import { dropResource } from "../../kube/resource.ts";
import { policyFor } from "../facts/policy.ts";
import type { ImageFacts } from "../model/facts.ts";
import { statusDue } from "../status/due.ts";
import { eventsBetween } from "../status/events.ts";
import { imageStatus } from "../status/image-status.ts";
import type { Applied } from "./applied.ts";
import { eventText } from "./event-text.ts";
import type { StatusSurroundings } from "./status-writer.ts";

/**
 * Writes the status of a CachedImage if it is due, and tells its Events. Gives the milliseconds after which it will be
 * due, undefined when it is true as it stands.
 */
export async function writeImage(
  surroundings: StatusSurroundings,
  applied: Applied<CachedImageStatus>,
  { name, signal }: { readonly name: string; readonly signal: AbortSignal },
): Promise<number | undefined> {
  const { facts, summaryOf, measures, clock, client } = surroundings;
  const seen = facts.images.get(name);
  const now = clock.now();
  const summary = seen === undefined ? undefined : summaryOf(name, now);
  if (seen === undefined || summary === undefined || seen.isDeleting) return undefined;
  measures.image(summary);
  const image = applied.current(seen);
  const status = imageStatus({ image, summary, policy: policyFor(image, facts), now });
  const appliedAt = applied.appliedAt(seen.uid);
  const due = statusDue({ applied: image.status, wanted: status, appliedAt, now });
  if (due !== "now") return due === undefined ? undefined : due - now;
  const ref = { resource: dropResource("CachedImage"), name };
  await client.applyStatus(ref, { status: { ...status } }, { signal });
  applied.record(seen, status, now);
  tell(surroundings, image, status);
  return undefined;
}

function tell({ events }: StatusSurroundings, image: ImageFacts, after: CachedImageStatus): void {
  for (const event of eventsBetween({ image, before: image.status, after })) {
    events.emit(eventText(event));
  }
}
