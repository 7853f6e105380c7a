import { printable } from "../../api/printable.ts";
import { own, type UnknownRecord } from "../../api/record.ts";
import { SourceError } from "../source-error.ts";

/** One series: its label `image`, "" when it has none, and the sum of its samples. */
export interface Series {
  readonly image: string;
  /** The names of its labels, sorted. */
  readonly labelNames: readonly string[];
  readonly value: number;
  /** Samples that are no finite number or no number at all (native histograms). */
  readonly droppedSamples: number;
  /** Whether any sample counts. */
  readonly hasValue: boolean;
}

/** What is left of an answer once its series are taken out: entries that are none, and Prometheus' own doubts. */
export interface QueryResult {
  readonly others: readonly Series[];
  readonly warnings: readonly string[];
}

/** Characters of Prometheus' own words that a message may quote. */
const MAX_QUOTE = 300;

/** Reads the body of a successful query (the HTTP API v1 of Prometheus), in which a 0 stands for each series. */
export function readQueryResult(body: unknown): QueryResult {
  const error = statedError(body);
  if (error !== undefined) throw queryRejected(error);
  const result = own(body, "data");
  const type = own(result, "resultType");
  if (type === "scalar" || type === "string") {
    const message = `the query gives a ${type}, which has no label "image"`;
    const fix = 'write a query that gives a value for each image, such as "count(…) by (image)"';
    throw new SourceError({ reason: "QueryRejected", message, fix });
  }
  const list = own(result, "result");
  if ((type !== "vector" && type !== "matrix") || !Array.isArray(list)) {
    const message = "the answer is JSON, but none that Prometheus gives to a query";
    const fix = "check the endpoint, and whether it needs a path such as /prometheus";
    throw new SourceError({ reason: "InvalidAnswer", message, fix });
  }
  const others = list.filter((entry) => entry !== 0).map(readSeries);
  return { others, warnings: readWarnings(body) };
}

/** The text with which Prometheus explains a refusal, undefined when the body holds none. */
export function statedError(body: unknown): string | undefined {
  const text = own(body, "error");
  return own(body, "status") === "error" && typeof text === "string" ? text : undefined;
}

/** The error of a query that Prometheus refuses, in its own words. */
export function queryRejected(text: string): SourceError {
  const message = `the query was refused: ${printable(text, MAX_QUOTE)}`;
  return new SourceError({ reason: "QueryRejected", message, fix: "correct the query" });
}

function readWarnings(body: unknown): readonly string[] {
  const list = own(body, "warnings");
  const texts = Array.isArray(list) ? list.filter((text) => typeof text === "string") : [];
  const warnings = texts.map((text) => printable(text, MAX_QUOTE));
  // VictoriaMetrics says it like this when a part of its cluster did not answer.
  return own(body, "isPartial") === true ? [...warnings, "the answer is partial"] : warnings;
}

/** Reads the text of one series. */
export function parseSeries(text: string): Series {
  return readSeries(parseEntry(text));
}

function parseEntry(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // JSON's own error would quote the text.
    const message = "the answer holds a series that is no JSON";
    const fix = "check what answers at the endpoint";
    throw new SourceError({ reason: "InvalidAnswer", message, fix });
  }
}

function readSeries(entry: unknown): Series {
  const labels: unknown = own(entry, "metric");
  const samples = [...listOf(own(entry, "values")), ...wrapped(own(entry, "value"))];
  const histograms =
    listOf(own(entry, "histograms")).length + wrapped(own(entry, "histogram")).length;
  const finite = samples.map(readSample).filter((value) => Number.isFinite(value));
  const image = own(labels, "image");
  return {
    image: typeof image === "string" ? image : "",
    labelNames: isLabels(labels) ? Object.keys(labels).sort() : [],
    value: finite.reduce((sum, value) => sum + value, 0),
    droppedSamples: samples.length - finite.length + histograms,
    hasValue: finite.length > 0,
  };
}

/** A sample is a time and a number written as text, `NaN` and `+Inf` among them. */
function readSample(sample: unknown): number {
  const text = own(sample, 1);
  return typeof text === "string" && text.trim() !== "" ? Number(text) : Number.NaN;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function wrapped(value: unknown): readonly unknown[] {
  return value === undefined ? [] : [value];
}

function isLabels(value: unknown): value is UnknownRecord {
  return typeof value === "object" && value !== null;
}
