import { setImmediate } from "node:timers/promises";
import { printable } from "../../api/printable.ts";
import { isMistake, withoutIgnored } from "../../api/problem.ts";
import { objectProblems, type Surroundings } from "../../api/rules/object-rules.ts";
import type { DropObject } from "../../api/types.gen.ts";
import { type Inputs, loadInputs } from "../../renderer/load/load.ts";
import type { FoundObject } from "../../renderer/load/objects.ts";
import { inReadingOrder, type LocatedProblem } from "../../renderer/load/problem-at.ts";
import type { CommandContext } from "../context.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { countText, plural } from "../problem-lines.ts";
import type { ValidateFlags } from "../validate.ts";
import { REPORTS } from "./reports/forms.ts";

/** Runs `drop validate`: problems to standard output, a summary to standard error. */
export async function validate(
  paths: readonly string[],
  flags: ValidateFlags,
  { terminal, signal, version }: CommandContext,
): Promise<ExitCode> {
  const { stdin, stdout, stderr, folder } = terminal;
  if (paths.includes("-") && stdin.isTTY) {
    await stderr.write("drop: reading standard input; Ctrl-D ends it\n");
  }
  const inputs = await loadInputs({ paths, stdin, signal });
  const cluster = await surroundingsOf(flags, inputs, signal);
  await setImmediate(undefined, { signal });
  const all = [...ownProblems(inputs), ...crossProblems(inputs, cluster)];
  // An interruption meanwhile is heard before anything is reported.
  await setImmediate(undefined, { signal });
  const problems = inReadingOrder(flags.warnings ? all : all.filter(isMistake));
  const isFailing = flags.failOn === "warning" ? () => true : isMistake;
  const { texts } = inputs;
  const objects = inputs.objects.map(({ kind, name, placeOf }) => ({
    kind,
    name: printable(name),
    ...placeOf([]),
  }));
  const report = { problems, objects, texts, isFailing, folder, version };
  await stdout.write(REPORTS[flags.output](report, stdout));
  const isEmpty = inputs.objects.length === 0 && inputs.problems.length === 0;
  await stderr.write(isEmpty ? emptyText(paths) : `${summary(problems, inputs)}\n`);
  return isEmpty || problems.some(isFailing) ? EXIT.mistakes : EXIT.done;
}

/** The problems that every object and file has by itself. */
export function ownProblems(inputs: Inputs): readonly LocatedProblem[] {
  return [...inputs.problems, ...inputs.objects.flatMap(({ problems }) => problems)];
}

/** What the cluster adds to the objects of the inputs; nothing without a kubeconfig. */
async function surroundingsOf(
  flags: ValidateFlags,
  inputs: Inputs,
  signal: AbortSignal,
): Promise<Surroundings> {
  const { kubeconfig } = flags;
  if (kubeconfig === undefined) return { objects: [] };
  const { readSurroundings } = await import("../cluster/access.ts");
  const objects = inputs.objects.flatMap(({ object }) => object ?? []);
  return readSurroundings({ ...flags, kubeconfig }, objects, signal);
}

function crossProblems(inputs: Inputs, cluster: Surroundings): readonly LocatedProblem[] {
  const found = new Map<DropObject, FoundObject>();
  for (const object of inputs.objects) if (object.object) found.set(object.object, object);
  const own = new Set([...found.keys()].map(({ kind, metadata }) => `${kind}/${metadata.name}`));
  const others = cluster.objects.filter(
    ({ kind, metadata }) => !own.has(`${kind}/${metadata.name}`),
  );
  return objectProblems({ ...cluster, objects: [...found.keys(), ...others] }).flatMap(
    (crossing) => {
      const origin = found.get(crossing.object);
      if (origin === undefined) return [];
      return withoutIgnored([crossing.problem], crossing.object.metadata.annotations).map(
        (problem) => ({
          ...problem,
          ...origin.placeOf(problem.path),
          object: { kind: origin.kind, name: origin.name },
        }),
      );
    },
  );
}

function summary(problems: readonly LocatedProblem[], { objects, fileCount }: Inputs): string {
  return `${countText(problems)} in ${plural(objects.length, "object")} from ${plural(fileCount, "file")}`;
}

/** What to say where nothing of Drop was found: most likely the path is wrong. */
export function emptyText(paths: readonly string[]): string {
  return `drop: nothing of drop.corewire.io in ${paths.join(", ")}; name the files or folders that hold Drop's manifests\n`;
}
