/** One container whose memory Prometheus has measured. */
export interface Usage {
  readonly image: string;
  /** Its memory in bytes at a time in milliseconds; undefined while it did not run. */
  readonly samples: (timeMs: number) => number | undefined;
  readonly namespace?: string;
  readonly pod?: string;
  readonly container?: string;
}

export interface History {
  /** The last sample's time in milliseconds. Instant queries see five minutes back: let it be now. */
  readonly now: number;
  readonly days: number;
  /** Between two samples; at most 5, or instant queries fall between them. */
  readonly everyMinutes?: number;
  readonly images: readonly Usage[];
}

const metric = "container_memory_working_set_bytes";
const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

/** OpenMetrics text with what the kubelet's cAdvisor would have reported of these containers. */
export function usageHistory({ now, days, everyMinutes = 5, images }: History): string {
  const lines = [`# TYPE ${metric} gauge`];
  const stepMs = everyMinutes * minuteMs;
  // Counted back from now, for the last sample is the one that instant queries need.
  const steps = Math.floor((days * dayMs) / stepMs);
  for (const [index, usage] of images.entries()) {
    const series = `${metric}{${labels(usage, index)}}`;
    for (let step = steps; step >= 0; step -= 1) {
      const timeMs = now - step * stepMs;
      const bytes = usage.samples(timeMs);
      if (bytes !== undefined) lines.push(`${series} ${bytes} ${timeMs / 1000}`);
    }
  }
  return `${[...lines, "# EOF"].join("\n")}\n`;
}

function labels(usage: Usage, index: number): string {
  const { image, namespace = "default", pod = `pod-${index}`, container = "app" } = usage;
  return Object.entries({ image, namespace, pod, container })
    .map(([name, value]) => `${name}="${escaped(value)}"`)
    .join(",");
}

function escaped(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
