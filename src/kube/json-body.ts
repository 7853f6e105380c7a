import { isRecord, type UnknownRecord } from "../api/record.ts";
import { MAX_KEPT_BYTES, readBody } from "../runtime/http-body.ts";
import { HttpError } from "../runtime/http-error.ts";
import { listSplitter } from "../runtime/list-splitter.ts";
import { KubeError } from "./kube-error.ts";
import type { TransportAnswer } from "./transport.ts";

/** Takes one object of a list. */
export type OnItem = (item: UnknownRecord) => void;

export interface JsonBodyOptions {
  /** The call in words. */
  readonly what: string;
  /** How a message names the server. */
  readonly from: string;
  /** Takes the `items` one by one; what stays of them is no object. */
  readonly onItem?: OnItem;
}

const MIB = 1024 * 1024;

/** Of a list, before its items are taken out; what is held at once is much less. */
const MAX_LIST_BYTES = 1024 * MIB;

/** No object is larger in etcd than 1.5 MiB. */
const MAX_ITEM_BYTES = 8 * MIB;

/** The value of an answer; a `KubeError` when it is no JSON, an `HttpError` when it is too long. */
export async function readJson(
  { body, encoding }: Pick<TransportAnswer, "body" | "encoding">,
  { what, from, onItem }: JsonBodyOptions,
): Promise<unknown> {
  if (onItem === undefined) {
    const bytes = await readBody(body, encoding, { what: from, maxBytes: MAX_KEPT_BYTES });
    return parsedJson(bytes.toString("utf8"), what);
  }
  const sieve = listSplitter({
    ...{ key: "items", depth: 2, maxBytes: MAX_ITEM_BYTES },
    onItem(text) {
      const item = parsedJson(text, what);
      if (isRecord(item)) onItem(item);
    },
    tooLong: () => tooLong(from),
    notText: () => noJson(what),
  });
  const bytes = await readBody(body, encoding, { what: from, maxBytes: MAX_LIST_BYTES, sieve });
  return parsedJson(bytes.toString("utf8"), what);
}

function parsedJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw noJson(what);
  }
}

function noJson(what: string): KubeError {
  const fix = "check that the address is an API server's";
  return new KubeError("InvalidAnswer", { message: `${what} failed: the answer is no JSON`, fix });
}

function tooLong(from: string): HttpError {
  const message = `${from} answers with an object of more than ${MAX_ITEM_BYTES / MIB} MiB`;
  const fix = "check that the address is an API server's";
  return new HttpError("AnswerTooLarge", { message, fix });
}
