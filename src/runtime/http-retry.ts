import type { HttpAnswer } from "./http-answer.ts";

/** Attempts after the first one. */
export const MAX_RETRIES = 3;

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 60_000;

/** Statuses that another attempt may not meet again: too many requests, and a server or gateway in trouble. */
export function isRetryable(status: number): boolean {
  return status === 429 || status === 500 || status === 502 || status === 503 || status === 504;
}

/** Milliseconds before attempt number `retry`, counted from 1: doubling, a random half of it taken off. */
export function backoffMs(retry: number, random: number): number {
  const full = Math.min(FIRST_WAIT_MS * 2 ** (retry - 1), LONGEST_WAIT_MS);
  return full / 2 + (full / 2) * random;
}

/** Milliseconds that `Retry-After` asks for, in seconds or as a date, at most a minute; 0 when it is absent or past. */
export function retryAfterMs({ headers }: Pick<HttpAnswer, "headers">, nowMs: number): number {
  const text = headers.get("retry-after")?.trim() ?? "";
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1000, LONGEST_WAIT_MS);
  // Only the formats of RFC 9110 begin with a day's name; Date.parse guesses at the rest.
  const date = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(date)) return 0;
  return Math.min(Math.max(date - nowMs, 0), LONGEST_WAIT_MS);
}
