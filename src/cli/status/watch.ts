import { KubeError } from "../../kube/kube-error.ts";
import type { ReportFault, StatusReport } from "../../reconciler/report/model.ts";
import { systemClock } from "../../runtime/http-clock.ts";
import type { CommandContext } from "../context.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { faultText, isFault, unknownText } from "../reports/said.ts";
import type { StatusFlags } from "../status.ts";
import { createDrawing } from "../terminal/redrawing.ts";
import type { Output, Terminal } from "../terminal/terminal.ts";

/** What is watched, and how it is shown. */
export interface Watching {
  readonly read: (signal: AbortSignal) => Promise<StatusReport | ReportFault>;
  readonly shown: (report: StatusReport, paint: Output["paint"]) => string;
  readonly output: StatusFlags["output"];
  readonly context: CommandContext;
}

/** Between two looks: the reconciler answers from memory, the API server from many lists. */
const PAUSES_MS = { reconciler: 2_000, objects: 10_000 } as const;

/** While there is no report. */
const OUTAGE_PAUSE_MS = 5_000;

/**
 * Shows a report anew whenever it changes, until interrupted. What is wrong at the first look ends it; later it is said
 * once and waited for.
 */
export async function watchReports(watching: Watching): Promise<ExitCode> {
  const { read, context } = watching;
  const { signal, terminal, outside } = context;
  const clock = outside?.clock ?? systemClock;
  const page = createPage(watching, terminal);
  let isFirst = true;
  while (!signal.aborted) {
    const report = await read(signal).catch(outageOf(signal));
    if (report === undefined) break;
    const isBad = report instanceof KubeError || isFault(report);
    if (!isBad) await page.show(report);
    else if (report instanceof KubeError) await page.complain(`drop: ${report.message}; waiting\n`);
    else if (isFirst) return page.end(report);
    else await page.complain(faultText(report));
    isFirst &&= isBad;
    await clock.sleep(isBad ? OUTAGE_PAUSE_MS : PAUSES_MS[report.source], signal).catch(() => {});
  }
  return EXIT.done;
}

function createPage({ shown, output }: Watching, { stdout, stderr }: Terminal) {
  const isText = output === "text" || output === "wide";
  const drawing = createDrawing(stdout);
  let last = "";
  let lastComplaint = "";
  async function complain(text: string): Promise<void> {
    if (text === lastComplaint) return;
    lastComplaint = text;
    if (text === "") return;
    drawing.leave();
    await stderr.write(text);
  }
  return {
    complain,
    async end(fault: ReportFault): Promise<ExitCode> {
      await stderr.write(faultText(fault));
      return EXIT.mistakes;
    },
    async show(report: StatusReport): Promise<void> {
      const notes = unknownText(report, stderr.paint);
      const isOneText = isText && stdout.isTerminal;
      const text = shown(report, stdout.paint) + (isOneText ? notes : "");
      // Where nobody looks, time passing is no change.
      const news = isOneText ? text : JSON.stringify({ ...report, time: "" });
      if (news !== last) await (isText ? drawing.draw(text) : stdout.write(text));
      last = news;
      await complain(isOneText ? "" : notes);
    },
  };
}

/** An outage is waited for; an interruption is no failure; anything else is. */
function outageOf(signal: AbortSignal) {
  return (error: unknown): KubeError | undefined => {
    if (signal.aborted) return undefined;
    if (error instanceof KubeError && WAITED_FOR.has(error.reason)) return error;
    throw error;
  };
}

const WAITED_FOR: ReadonlySet<KubeError["reason"]> = new Set<KubeError["reason"]>([
  ...(["Unreachable", "Timeout", "TooManyRequests", "ServerError"] as const),
]);
