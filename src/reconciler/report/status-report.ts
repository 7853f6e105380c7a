import { kubernetesTime } from "../../discovery/status.ts";
import type { ImageFacts, SetFacts } from "../model/facts.ts";
import { holdReport } from "./hold-report.ts";
import { imageReport, nodeRows, type RunningByReference, readyReport } from "./image-report.ts";
import { leftOut } from "./left-out.ts";
import {
  type ImageReport,
  REPORT_VERSION,
  type ReportHead,
  type SetReport,
  type StatusReport,
} from "./model.ts";
import { policyNameOf, policyReports } from "./policy-report.ts";
import { type RunningPull, runningPulls } from "./running.ts";
import type { View } from "./view.ts";

/** How everything stands. */
export function statusReport(view: View): StatusReport {
  const running = byReference(runningPulls(view.facts));
  return {
    ...head(view),
    sets: inOrder(view.facts.sets).map((set) => setReport(view, set)),
    images: inOrder(view.facts.images).map((image) => imageReport(view, image, running)),
    policies: [...policyReports(view).values()],
    leftOut: leftOut(view.facts),
    holds: view.holds().map(holdReport),
  };
}

/** The same with one CachedImage alone, node by node; undefined where there is none of that name. */
export function imageStatusReport(view: View, name: string): StatusReport | undefined {
  const image = view.facts.images.get(name);
  if (image === undefined) return undefined;
  const running = byReference(runningPulls(view.facts));
  const whole: ImageReport = {
    ...imageReport(view, image, running),
    nodes: nodeRows(view, image, running),
  };
  const policy = typeof image.spec === "string" ? [] : [policyNameOf(image)];
  const set = view.facts.sets.get(image.setName ?? "");
  return {
    ...head(view),
    sets: set === undefined ? [] : [setReport(view, set)],
    images: [whole],
    policies: [...policyReports(view, new Set(policy)).values()],
    leftOut: [],
    holds: view.holds().map(holdReport),
  };
}

/** What every report begins with. */
export function head({ now, source, unknown }: View): ReportHead {
  return { version: REPORT_VERSION, time: kubernetesTime(now), source, unknown };
}

/** The pulls that run, by what they pull. */
function byReference(pulls: readonly RunningPull[]): RunningByReference {
  return Map.groupBy(pulls, ({ reference }) => reference);
}

function inOrder<T extends ImageFacts | SetFacts>(objects: ReadonlyMap<string, T>): readonly T[] {
  return [...objects.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function setReport(view: View, set: SetFacts): SetReport {
  const {
    phase = "Pending",
    imagesManaged = 0,
    imagesReady = 0,
    conditions,
  } = view.setStatusOf(set);
  return { name: set.name, phase, ready: readyReport(conditions), imagesManaged, imagesReady };
}
