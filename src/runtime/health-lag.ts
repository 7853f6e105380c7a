import { monitorEventLoopDelay } from "node:perf_hooks";

/** A check that says what is wrong, or undefined when nothing is. */
export type Check = () => string | undefined;

/** How long the event loop may take for a turn, on average since the last check. */
const LONGEST_MEAN_MS = 1_000;
const NS_PER_MS = 1e6;

/** What is asked of Node's own histogram; nanoseconds. */
interface DelayHistogram {
  readonly mean: number;
  reset(): void;
}

/** Starts to watch the event loop: it fails while the loop does little but hang, not for a single long turn. */
export function eventLoopCheck(
  histogram: DelayHistogram = started(),
  longestMs = LONGEST_MEAN_MS,
): Check {
  return () => {
    const meanMs = Math.round(histogram.mean / NS_PER_MS);
    histogram.reset();
    return meanMs > longestMs ? `a turn of the event loop takes ${meanMs} ms` : undefined;
  };
}

function started(): DelayHistogram {
  const histogram = monitorEventLoopDelay({ resolution: 20 });
  histogram.enable();
  return histogram;
}
