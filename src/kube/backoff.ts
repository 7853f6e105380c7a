/** How waits between attempts grow. */
export interface Backoff {
  readonly firstMs: number;
  readonly maxMs: number;
}

/** Milliseconds before attempt number `attempt`, counted from 1: doubling, and a random part of the second half taken off. */
export function jittered({ firstMs, maxMs }: Backoff, attempt: number, random: number): number {
  const full = doubled({ firstMs, maxMs }, attempt);
  return full / 2 + (full / 2) * random;
}

/** The same without chance. */
export function doubled({ firstMs, maxMs }: Backoff, attempt: number): number {
  return Math.min(firstMs * 2 ** (attempt - 1), maxMs);
}
