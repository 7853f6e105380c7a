import { stringify } from "yaml";
import type { CommandContext } from "../context.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { isFault, sayFault, unknownText } from "../reports/said.ts";
import { openReports, type WhyQuestion } from "../reports/source.ts";
import type { WhyFlags } from "../why.ts";
import { whyText } from "./text.ts";

/** Runs `drop why`: the answer to standard output, what cannot be told to standard error. */
export async function why(
  question: WhyQuestion,
  flags: WhyFlags,
  context: CommandContext,
): Promise<ExitCode> {
  const { stdout, stderr } = context.terminal;
  const source = await openReports(flags, context);
  try {
    const report = await source.why(question, context.signal);
    if (isFault(report)) return await sayFault(report, stderr);
    if (flags.output === "json") await stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    else if (flags.output === "yaml") await stdout.write(stringify(report, { lineWidth: 0 }));
    else await stdout.write(whyText(report, stdout.paint));
    await stderr.write(unknownText(report, stderr.paint));
    return EXIT.done;
  } finally {
    await source.close();
  }
}
