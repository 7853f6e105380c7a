import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import type { RequestMeasure } from "../../kube/client.ts";
import type { FailureReason } from "../model/failure.ts";
import type { ImageSummary } from "../model/summary.ts";

/** What is counted of the reconciler's work. */
export interface Measures {
  /** A pull Pod has ended: the images that it brought, and why the others did not come. */
  pullEnded(pod: {
    readonly seconds: number;
    readonly pulled: number;
    readonly failed: readonly FailureReason[];
  }): void;
  activePulls(count: number): void;
  passed(result: "success" | "error", seconds: number): void;
  image(summary: ImageSummary): void;
  /** Removes what was told of a CachedImage. */
  imageGone(name: string): void;
  /** No image, when this replica stops working: another one tells of them. */
  reset(): void;
  requested(request: RequestMeasure): void;
  relisted(relist: { readonly resource: string; readonly drift: number }): void;
  leads(isLeading: boolean): void;
}

/** Seconds; from a small image on a fast network to the longest of `pullTimeout`. */
const PULL_BUCKETS = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1_200, 1_800, 3_600];
const PASS_BUCKETS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5];
const REQUEST_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30];

/** Adds the reconciler's metrics to a registry. */
export function createMeasures(register: Registry): Measures {
  const pulls = pullMeasures([register]);
  const images = imageMeasures([register]);
  const loop = loopMeasures([register]);
  return { ...pulls, ...images, ...loop };
}

function pullMeasures(registers: Registry[]): Pick<Measures, "pullEnded" | "activePulls"> {
  const cached = new Counter({
    name: "drop_images_cached_total",
    help: "Images that were pulled onto a node, counted once a node and pull.",
    registers,
  });
  const errors = new Counter({
    name: "drop_pull_errors_total",
    help: "Attempts to pull an image onto a node that failed, by reason.",
    labelNames: ["reason"],
    registers,
  });
  const duration = new Histogram({
    name: "drop_pull_duration_seconds",
    help: "From the creation of a pull Pod to its last outcome; a Pod may pull several images.",
    buckets: PULL_BUCKETS,
    registers,
  });
  const active = new Gauge({
    name: "drop_active_pulls",
    help: "Pull Pods that exist.",
    registers,
  });
  return {
    pullEnded({ seconds, pulled, failed }) {
      duration.observe(seconds);
      cached.inc(pulled);
      for (const reason of failed) errors.inc({ reason });
    },
    activePulls: (count) => active.set(count),
  };
}

function imageMeasures(registers: Registry[]): Pick<Measures, "image" | "imageGone" | "reset"> {
  const gauge = (name: string, help: string) =>
    new Gauge({ name, help, labelNames: ["cachedimage"], registers });
  const targeted = gauge("drop_nodes_targeted", "Nodes that should hold the image.");
  const cached = gauge("drop_nodes_cached", "Nodes of those that hold it.");
  const failures = gauge("drop_consecutive_failures", "Failed attempts since the last success.");
  const all = [targeted, cached, failures];
  return {
    image({ name: cachedimage, targeted: nodes, ready, consecutiveFailures }) {
      targeted.set({ cachedimage }, nodes);
      cached.set({ cachedimage }, ready);
      failures.set({ cachedimage }, consecutiveFailures);
    },
    imageGone(cachedimage) {
      for (const one of all) one.remove({ cachedimage });
    },
    reset() {
      for (const one of all) one.reset();
    },
  };
}

type LoopMeasures = Pick<Measures, "passed" | "requested" | "relisted" | "leads">;

function loopMeasures(registers: Registry[]): LoopMeasures {
  const passes = new Counter({
    name: "drop_reconcile_total",
    help: "Passes over the cluster, by result.",
    labelNames: ["result"],
    registers,
  });
  const duration = new Histogram({
    name: "drop_reconcile_duration_seconds",
    help: "How long a pass takes to decide.",
    buckets: PASS_BUCKETS,
    registers,
  });
  const requests = new Histogram({
    name: "drop_kube_request_duration_seconds",
    help: "Requests to the API server, watches aside, by verb, resource and code.",
    labelNames: ["verb", "resource", "code"],
    buckets: REQUEST_BUCKETS,
    registers,
  });
  const drift = new Counter({
    name: "drop_watch_drift_total",
    help: "Objects that a relist found to differ from what the watch had told. Should stay 0.",
    labelNames: ["resource"],
    registers,
  });
  const leading = new Gauge({
    name: "drop_leading",
    help: "1 while this replica holds the Lease.",
    registers,
  });
  return {
    passed(result, seconds) {
      passes.inc({ result });
      duration.observe(seconds);
    },
    requested: ({ verb, resource, code, durationMs }) =>
      requests.observe({ verb, resource, code }, durationMs / 1_000),
    relisted: ({ resource, drift: objects }) => drift.inc({ resource }, objects),
    leads: (isLeading) => leading.set(isLeading ? 1 : 0),
  };
}
