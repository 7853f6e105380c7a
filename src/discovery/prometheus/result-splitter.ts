import { HttpError } from "../../runtime/http-error.ts";
import { listSplitter } from "../../runtime/list-splitter.ts";
import { SourceError } from "../source-error.ts";

const MIB = 1024 * 1024;

/** Longest text of one series: 11,000 samples, the most that Prometheus gives, take a tenth of it. */
const MAX_SERIES_BYTES = 8 * MIB;

/** `data.result` is a list inside two mappings. */
const RESULT_DEPTH = 3;

/**
 * Takes each series out of a query's answer while it comes, so that no more than one is held at a time: gives its text
 * to `onSeries`, and back what is left of each chunk, with a 0 for every series. Only mappings in `data.result` count.
 */
export function resultSplitter(onSeries: (text: string) => void): (chunk: Buffer) => Buffer {
  return listSplitter({
    key: "result",
    depth: RESULT_DEPTH,
    maxBytes: MAX_SERIES_BYTES,
    onItem: onSeries,
    tooLong,
    notText,
  });
}

function notText(): SourceError {
  const message = "the answer holds a series that is not written in UTF-8";
  const fix = "check what answers at the endpoint";
  return new SourceError({ reason: "InvalidAnswer", message, fix });
}

function tooLong(): HttpError {
  return new HttpError("AnswerTooLarge", {
    message: `the answer holds a series longer than ${MAX_SERIES_BYTES / MIB} MiB`,
    fix: "ask for less, for example with a longer step",
  });
}
