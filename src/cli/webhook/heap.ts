import { PerformanceObserver } from "node:perf_hooks";
import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";

/** Enough for the garbage of some hundred reviews; V8 itself would stop at 48 MiB. */
const MOST_YOUNG_BYTES = 8 * 1024 ** 2;

/**
 * Keeps V8's young generation as small as it is when a process starts: it would grow with what loading throws away,
 * and an idle process would keep 10 MiB of nothing. Gives what lets it grow again, up to a bound, once there is load.
 * This flag is read whenever V8 could grow; the heap's other flags have no effect on a running process.
 */
export function holdHeap(): () => void {
  growBy(1);
  return () => {
    growBy(2);
    const observer = new PerformanceObserver(() => {
      if (youngBytes() < MOST_YOUNG_BYTES) return;
      growBy(1);
      observer.disconnect();
    });
    observer.observe({ entryTypes: ["gc"] });
  };
}

function growBy(factor: number): void {
  setFlagsFromString(`--semi-space-growth-factor=${factor}`);
}

function youngBytes(): number {
  const young = getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space");
  return young?.space_size ?? 0;
}
