import { createKubeClient, type KubeClient } from "../../kube/client.ts";
import { connectKube } from "../../kube/connection.ts";
import { podPageReader } from "../../kube/pod-page.ts";
import { cellReport } from "../../reconciler/report/cell-report.ts";
import type { CellReport, ReportFault, StatusReport } from "../../reconciler/report/model.ts";
import { reportFault, unknownImage } from "../../reconciler/report/pages.ts";
import { createReportReaders } from "../../reconciler/report/parse.ts";
import { imageStatusReport, statusReport } from "../../reconciler/report/status-report.ts";
import { statusView } from "../../reconciler/report/status-view.ts";
import type { View } from "../../reconciler/report/view.ts";
import { type Clock, systemClock } from "../../runtime/http-clock.ts";
import type { CommandContext } from "../context.ts";
import type { ReportFlags } from "./flags.ts";
import { askLeader } from "./leader.ts";
import { readObjects } from "./objects.ts";

/** Where reports come from, until closed. Failures of the cluster are `KubeError`s. */
export interface ReportSource {
  /** How everything stands; with a name, that CachedImage node by node. */
  status(image: string | undefined, signal: AbortSignal): Promise<StatusReport | ReportFault>;
  /** Why an image, by a CachedImage's name or as a reference, is or is not on a node. */
  why(cell: WhyQuestion, signal: AbortSignal): Promise<CellReport | ReportFault>;
  close(): Promise<void>;
}

export interface WhyQuestion {
  readonly node: string;
  readonly image: string;
}

/** A question as the leader's page, as what its answer must be, and as the objects alone answer it. */
interface Question<T> {
  readonly path: string;
  readonly isAnswer: (value: unknown) => value is T;
  readonly fromObjects: (view: View) => T | ReportFault;
}

/** Asks the reconciler, and where that cannot be, the cluster's objects. */
export async function openReports(
  flags: ReportFlags,
  { outside, version }: Pick<CommandContext, "outside" | "version">,
): Promise<ReportSource> {
  const clock = outside?.clock ?? systemClock;
  const connection = await connectKube(flags);
  const limits = { qps: 50, burst: 100 };
  const client = createKubeClient({ connection, clock, version, part: "cli", ...limits });
  const pages = podPageReader({ connection, clock, userAgent: `drop/${version} (cli)` });
  const readers = createReportReaders();

  async function ask<T>(question: Question<T>, signal: AbortSignal): Promise<T | ReportFault> {
    const { path, isAnswer, fromObjects } = question;
    const heard = await askLeader({ client, pages }, { flags, path }, signal);
    if ("body" in heard && isAnswer(heard.body)) return heard.body;
    if ("body" in heard && readers.isReportFault(heard.body)) return heard.body;
    const whyNot = "whyNot" in heard ? heard.whyNot : STRANGE;
    return fromObjects(await objectsView({ client, flags, clock }, whyNot, signal));
  }

  return {
    status(image, signal) {
      const path = image === undefined ? "/status" : `/status?${new URLSearchParams({ image })}`;
      return ask({ path, isAnswer: readers.isStatusReport, fromObjects: statusOf(image) }, signal);
    },
    why(cell, signal) {
      const path = `/why?${new URLSearchParams({ ...cell })}`;
      return ask({ path, isAnswer: readers.isCellReport, fromObjects: whyOf(cell) }, signal);
    },
    close: () => connection.close(),
  };
}

const STRANGE = "the reconciler's answer cannot be understood: it may be of another version";

interface Reading {
  readonly client: Pick<KubeClient, "list">;
  readonly flags: ReportFlags;
  readonly clock: Clock;
}

async function objectsView(
  { client, flags, clock }: Reading,
  whyNot: string,
  signal: AbortSignal,
): Promise<View> {
  const { facts, unknown, knowsPolicies } = await readObjects(client, flags, signal);
  const lost = `what waits for its turn, what is held, and anything of the last seconds: ${whyNot}`;
  return statusView(facts, { now: clock.now(), unknown: [lost, ...unknown], knowsPolicies });
}

function statusOf(image: string | undefined) {
  return (view: View): StatusReport | ReportFault => {
    if (image === undefined) return statusReport(view);
    return imageStatusReport(view, image) ?? reportFault(unknownImage(view, image));
  };
}

function whyOf(cell: WhyQuestion) {
  return (view: View): CellReport | ReportFault => {
    const report = cellReport(view, cell);
    return report.ok ? report.value : reportFault(report.fault);
  };
}
