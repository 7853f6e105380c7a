import { stringify } from "yaml";
import { isMistake } from "../../api/problem.ts";
import type { DiscoveryPolicy } from "../../api/types.gen.ts";
import { type Ranking, rank } from "../../discovery/rank.ts";
import { withDiscoveryStatus } from "../../discovery/status.ts";
import { loadInputs, ofKind } from "../../renderer/load/load.ts";
import type { CommandContext } from "../context.ts";
import type { DiscoverFlags } from "../discover.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { plural, problemLines } from "../problem-lines.ts";
import { openDiscovery } from "../sources/ports.ts";
import { textTable } from "../terminal/text-table.ts";
import { emptyText, ownProblems } from "../validate/run.ts";

/** Runs `drop discover`: images or policies to standard output, failed sources to standard error. */
export async function discover(
  paths: readonly string[],
  flags: DiscoverFlags,
  context: CommandContext,
): Promise<ExitCode> {
  const { terminal, signal } = context;
  const { stdout, stderr } = terminal;
  const inputs = await loadInputs({ paths, stdin: terminal.stdin, signal });
  const mistakes = ownProblems(inputs).filter(isMistake);
  if (mistakes.length > 0) {
    await stderr.write(problemLines(mistakes, stderr));
    return EXIT.mistakes;
  }
  const policies = ofKind(inputs, "DiscoveryPolicy").toSorted(byName);
  if (policies.length === 0) {
    await stderr.write(
      inputs.objects.length === 0
        ? emptyText(paths)
        : `drop: no DiscoveryPolicy in ${paths.join(", ")}\n`,
    );
    return EXIT.mistakes;
  }
  const found = await findAll(policies, { flags, secrets: inputs.secrets, context });
  await stdout.write(FORMATS[flags.output](found));
  return reportFailures(found, context);
}

/** A policy and what it found. */
interface Found {
  readonly policy: DiscoveryPolicy;
  readonly ranking: Ranking;
  /** When, in milliseconds since 1970. */
  readonly nowMs: number;
}

interface Run {
  readonly flags: DiscoverFlags;
  readonly secrets: readonly unknown[];
  readonly context: CommandContext;
}

async function findAll(
  policies: readonly DiscoveryPolicy[],
  { flags, secrets, context }: Run,
): Promise<readonly Found[]> {
  const discovery = await openDiscovery(flags, secrets, context);
  try {
    return await Promise.all(
      policies.map(async (policy) => {
        const outcomes = await discovery.discover(policy, context.signal);
        const ranking = rank({ policy, outcomes, remembered: [] });
        return { policy, ranking, nowMs: discovery.now() };
      }),
    );
  } finally {
    await discovery.close();
  }
}

function byName(a: DiscoveryPolicy, b: DiscoveryPolicy): number {
  const [one, two] = [a.metadata.name ?? "", b.metadata.name ?? ""];
  if (one === two) return 0;
  return one < two ? -1 : 1;
}

const FORMATS: Readonly<Record<DiscoverFlags["output"], (found: readonly Found[]) => string>> = {
  table: tableText,
  yaml: (found) =>
    found.map((one) => `---\n${stringify(recorded(one), { lineWidth: 0 })}`).join(""),
  json: (found) => `${JSON.stringify(found.map(recorded), null, 2)}\n`,
};

function recorded({ policy, ranking, nowMs }: Found): DiscoveryPolicy {
  return withDiscoveryStatus({ policy, ranking, nowMs });
}

function tableText(found: readonly Found[]): string {
  const rows = found.flatMap(({ policy, ranking }) =>
    ranking.images.map(({ rank: position, image, score, source }) => [
      policy.metadata.name ?? "",
      String(position),
      image,
      String(Math.round(score * 100) / 100),
      source,
    ]),
  );
  return textTable(["POLICY", "RANK", "IMAGE", "SCORE", "SOURCE"], rows);
}

async function reportFailures(
  found: readonly Found[],
  { terminal }: CommandContext,
): Promise<ExitCode> {
  const { stderr } = terminal;
  let failures = 0;
  for (const { policy, ranking } of found) {
    for (const { name, failures: parts, notes } of ranking.sources) {
      for (const { part, message, fix } of parts) {
        const where = [
          `DiscoveryPolicy/${policy.metadata.name}`,
          name,
          ...(part === "" ? [] : [part]),
        ];
        await stderr.write(
          `${stderr.paint(["red", "bold"], "error:")} ${where.join(": ")}: ${message}; ${fix}\n`,
        );
        failures += 1;
      }
      for (const note of notes) {
        await stderr.write(
          `${stderr.paint("dim", "note:")} DiscoveryPolicy/${policy.metadata.name}: ${name}: ${note}\n`,
        );
      }
    }
    await stderr.write(`${summaryText(policy, ranking)}\n`);
  }
  return failures > 0 ? EXIT.unanswered : EXIT.done;
}

function summaryText({ metadata }: DiscoveryPolicy, { images, dropped }: Ranking): string {
  const left = [
    ...(dropped.imageFilter > 0 ? [`${dropped.imageFilter} by imageFilter`] : []),
    ...(dropped.excludeFilter > 0 ? [`${dropped.excludeFilter} by excludeFilter`] : []),
    ...(dropped.beyondMaxImages > 0 ? [`${dropped.beyondMaxImages} beyond maxImages`] : []),
  ];
  const note = left.length === 0 ? "" : `; left out: ${left.join(", ")}`;
  return `${metadata.name}: ${plural(images.length, "image")}${note}`;
}
