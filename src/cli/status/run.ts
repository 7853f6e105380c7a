import { stringify } from "yaml";
import type { ReportFault, StatusReport } from "../../reconciler/report/model.ts";
import type { CommandContext } from "../context.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { isFault, sayFault, unknownText } from "../reports/said.ts";
import { openReports, type ReportSource } from "../reports/source.ts";
import type { StatusFlags } from "../status.ts";
import type { Output } from "../terminal/terminal.ts";
import { imagePageText } from "./image-page.ts";
import { overviewText } from "./overview.ts";
import { watchReports } from "./watch.ts";

/** Runs `drop status`: the report to standard output, what cannot be told to standard error. */
export async function status(
  name: string | undefined,
  flags: StatusFlags,
  context: CommandContext,
): Promise<ExitCode> {
  const { stdout, stderr } = context.terminal;
  const source = await openReports(flags, context);
  const read = (signal: AbortSignal) => reportOn(source, name, signal);
  const shown = (report: StatusReport, paint: Output["paint"]) =>
    FORMATS[flags.output](report, paint);
  try {
    if (flags.watch) return await watchReports({ read, shown, output: flags.output, context });
    const report = await read(context.signal);
    if (isFault(report)) return await sayFault(report, stderr);
    await stdout.write(shown(report, stdout.paint));
    await stderr.write(unknownText(report, stderr.paint));
    return EXIT.done;
  } finally {
    await source.close();
  }
}

/** How everything, one CachedImage, or the images of one set stand. */
async function reportOn(
  source: ReportSource,
  name: string | undefined,
  signal: AbortSignal,
): Promise<StatusReport | ReportFault> {
  const report = await source.status(name, signal);
  if (name === undefined || !isFault(report)) return report;
  const whole = await source.status(undefined, signal);
  if (isFault(whole) || !whole.sets.some((set) => set.name === name)) return report;
  return ofSet(whole, name);
}

function ofSet(report: StatusReport, name: string): StatusReport {
  const images = report.images.filter(({ set }) => set === name);
  const policies = new Set(images.map(({ policy = "" }) => policy));
  return {
    ...report,
    images,
    sets: report.sets.filter((set) => set.name === name),
    policies: report.policies.filter((policy) => policies.has(policy.name)),
  };
}

const FORMATS: Readonly<
  Record<StatusFlags["output"], (report: StatusReport, paint: Output["paint"]) => string>
> = {
  text: (report, paint) => pageText(report, false, paint),
  wide: (report, paint) => pageText(report, true, paint),
  json: (report) => `${JSON.stringify(report, null, 2)}\n`,
  yaml: (report) => `---\n${stringify(report, { lineWidth: 0 })}`,
};

function pageText(report: StatusReport, isWide: boolean, paint: Output["paint"]): string {
  if (report.images[0]?.nodes !== undefined) return imagePageText(report, isWide, paint);
  const text = overviewText(report, isWide, paint);
  return text === "" ? "There are no CachedImages.\n" : text;
}
