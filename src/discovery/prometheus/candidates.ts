import {
  canonicalReference,
  formatReference,
  parseImageReference,
} from "../../api/image-reference.ts";
import { printable } from "../../api/printable.ts";
import type { Candidate } from "../outcome.ts";
import { SourceError } from "../source-error.ts";
import type { Series } from "./answer.ts";

/** The images of a query's series, and in words what was left out. */
export interface SeriesCandidates {
  readonly candidates: readonly Candidate[];
  readonly notes: readonly string[];
}

/** Label names that a message lists. */
const MAX_LABELS = 20;

/** Label names that are remembered for it. */
const MAX_SEEN_LABELS = 1000;

/** What a container runtime reports of an image that it knows no name of: the bare digest of its configuration. */
const IMAGE_ID = /^(?:[a-z0-9]+:\/\/)?(?:sha256:)?[a-f0-9]{64}$/;

/** Adds up the series of a query one by one, keeping only what is known about each image. */
export interface SeriesTally {
  add(series: Series): void;
  /** Series added so far. */
  count(): number;
  /** The sums; no series with the label `image` at all is an error that names the labels seen. */
  candidates(): SeriesCandidates;
}

/** An empty tally. */
export function createSeriesTally(): SeriesTally {
  const values = new Map<string, number[]>();
  const counts = { total: 0, unlabelled: 0, ids: 0, unreadable: 0, valueless: 0, samples: 0 };
  const labels = new Set<string>();
  return {
    count: () => counts.total,
    add({ image: label, labelNames, value, hasValue, droppedSamples }) {
      counts.total++;
      counts.samples += droppedSamples;
      const image = imageOf(label);
      if (label === "") {
        counts.unlabelled++;
        for (const name of labelNames) if (labels.size < MAX_SEEN_LABELS) labels.add(name);
      } else if (IMAGE_ID.test(label)) counts.ids++;
      else if (image === undefined) counts.unreadable++;
      else if (!hasValue) counts.valueless++;
      else append(values, image, value);
    },
    candidates() {
      if (counts.total > 0 && counts.unlabelled === counts.total) throw noImageLabel(labels);
      const candidates = candidatesOf(values);
      const valueless = counts.valueless + values.size - candidates.length;
      return { candidates, notes: notesOf({ ...counts, valueless }) };
    },
  };
}

/** Infinite sums of finite values are no scores. */
function candidatesOf(values: ReadonlyMap<string, readonly number[]>): readonly Candidate[] {
  return Array.from(values, ([image, addends]) => ({ image, score: sum(addends) })).filter(
    ({ score }) => Number.isFinite(score),
  );
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
  readonly total: number;
  readonly unlabelled: number;
  readonly ids: number;
  readonly unreadable: number;
  readonly valueless: number;
  readonly samples: number;
}

function notesOf(counts: Counts): readonly string[] {
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
  return counts.total === 0 ? ["the query gives no series at all"] : words;
}

function noImageLabel(labels: ReadonlySet<string>): SourceError {
  const names = [...labels].sort();
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
