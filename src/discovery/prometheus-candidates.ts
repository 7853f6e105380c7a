import {
  canonicalReference,
  formatReference,
  parseImageReference,
} from "../api/image-reference.ts";
import { printable } from "../api/printable.ts";
import type { Candidate } from "./outcome.ts";
import type { Series } from "./prometheus-answer.ts";
import { SourceError } from "./source-error.ts";

/** The images of a query's series, and in words what was left out. */
export interface SeriesCandidates {
  readonly candidates: readonly Candidate[];
  readonly notes: readonly string[];
}

/** Label names that a message lists. */
const MAX_LABELS = 20;

/** What a container runtime reports of an image that it knows no name of: the bare digest of its configuration. */
const IMAGE_ID = /^(?:[a-z0-9]+:\/\/)?(?:sha256:)?[a-f0-9]{64}$/;

/** Adds up the series of each image; none with the label `image` at all is an error that names the labels seen. */
export function candidatesOf(series: readonly Series[]): SeriesCandidates {
  const values = new Map<string, number[]>();
  const counts = { unlabelled: 0, ids: 0, unreadable: 0, valueless: 0, samples: 0 };
  for (const { image: label, value, hasValue, droppedSamples } of series) {
    counts.samples += droppedSamples;
    const image = imageOf(label);
    if (label === "") counts.unlabelled++;
    else if (IMAGE_ID.test(label)) counts.ids++;
    else if (image === undefined) counts.unreadable++;
    else if (!hasValue) counts.valueless++;
    else append(values, image, value);
  }
  if (series.length > 0 && counts.unlabelled === series.length) throw noImageLabel(series);
  const candidates: Candidate[] = [];
  for (const [image, addends] of values) {
    const score = sum(addends);
    if (Number.isFinite(score)) candidates.push({ image, score });
    else counts.valueless++;
  }
  return { candidates, notes: notesOf(series.length, counts) };
}

function append(values: Map<string, number[]>, image: string, value: number): void {
  const known = values.get(image);
  if (known === undefined) values.set(image, [value]);
  else known.push(value);
}

function imageOf(label: string): string | undefined {
  // Older kubelets write where they pulled from in front.
  const reference = parseImageReference(label.replace(/^docker(?:-pullable)?:\/\//, ""));
  return reference.ok ? formatReference(canonicalReference(reference.value)) : undefined;
}

/** Adding up in order of size gives the same sum in whatever order the series came. */
function sum(addends: readonly number[]): number {
  return addends.toSorted((a, b) => a - b).reduce((total, value) => total + value, 0);
}

interface Counts {
  readonly unlabelled: number;
  readonly ids: number;
  readonly unreadable: number;
  readonly valueless: number;
  readonly samples: number;
}

function notesOf(total: number, counts: Counts): readonly string[] {
  const notes: readonly (readonly [number, string, string])[] = [
    [counts.unlabelled, "series", 'without the label "image"'],
    [counts.ids, "series", "whose image is an id without a name"],
    [counts.unreadable, "series", "whose image is no reference"],
    [counts.valueless, "series", "without any number that counts"],
    [counts.samples, counts.samples === 1 ? "sample" : "samples", "not finite or no number"],
  ];
  const words = notes.flatMap(([count, what, why]) =>
    count === 0 ? [] : [`left out: ${count} ${what} ${why}`],
  );
  return total === 0 ? ["the query gives no series at all"] : words;
}

function noImageLabel(series: readonly Series[]): SourceError {
  const names = [...new Set(series.flatMap(({ labelNames }) => labelNames))].sort();
  const seen = names
    .slice(0, MAX_LABELS)
    .map((name) => printable(name, 60))
    .join(", ");
  const more = names.length > MAX_LABELS ? ` and ${names.length - MAX_LABELS} more` : "";
  return new SourceError({
    reason: "QueryRejected",
    message: `no series of the query has the label "image"; ${names.length === 0 ? "they have none" : `their labels are ${seen}${more}`}`,
    fix: 'keep the label, for example with "by (image)", or make it with label_replace',
  });
}
