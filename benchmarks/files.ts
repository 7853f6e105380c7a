import { existsSync, renameSync } from "node:fs";
import { join } from "node:path";
import { projectFolder } from "../test/support/drop.ts";
import { tool } from "../test/support/tools.ts";
import { writePullPolicy, writeSets } from "./inputs.ts";
import { buildKubeconform, kubeconformArgs, writeSchemas } from "./kubeconform.ts";
import { type Cost, measure, measurePaired, medianCost, pairedRatio } from "./measure.ts";
import { mebibytes, type Row, seconds } from "./table.ts";

export interface Bench {
  /** An empty folder on the disk that people write to. */
  readonly folder: string;
  /** `dist/drop.js`, freshly built. */
  readonly program: string;
  readonly rounds: number;
  /** Whether `kubectl kustomize` gets a tenth of the files: it takes a hundredth of the time, so that nothing is shown. */
  readonly quick: boolean;
}

const SETS = 100;
const IMAGES = "10,000 images from 100 sets";

/** Rendering, rendering again and validating ten thousand files beside cp, kustomize and kubeconform. */
export async function fileRows(bench: Bench): Promise<readonly Row[]> {
  const { folder, program, rounds } = bench;
  const inputs = writeSets(join(folder, "inputs"), SETS);
  const policy = writePullPolicy(join(folder, "policy"));
  const schemas = writeSchemas(join(projectFolder, "crds"), join(folder, "schemas"));
  const kubeconform = await buildKubeconform();
  const output = join(folder, "output");
  const copy = join(folder, "copy");
  const drop = [process.execPath, program] as const;
  const render = [...drop, "render", inputs, "--output-dir", output] as const;
  const [full = [], again = [], copied = [], validated = [], judged = []] = await measurePaired(
    [
      { command: render, before: () => setAside(output) },
      { command: render },
      { command: ["cp", "-r", output, copy], before: () => setAside(copy) },
      { command: [...drop, "validate", output, policy] },
      { command: [kubeconform, ...kubeconformArgs(schemas, [output, policy])] },
    ],
    // Disks are not as even as processors.
    { rounds: rounds * 3, folder },
  );
  return [
    await kustomizeRow(bench, full),
    copyRow(full, copied),
    memoryRow("peak memory of it", medianCost(full).peakMiB, 300),
    ratioRow("the same with nothing to do", {
      ours: again,
      peer: "the first time",
      theirs: full,
      most: 0.5,
    }),
    memoryRow("peak memory of it", medianCost(again).peakMiB, 300),
    ratioRow("validate 10,000 files", {
      ours: validated,
      peer: "kubeconform",
      theirs: judged,
      most: 2.5,
    }),
    memoryRow("peak memory of it", medianCost(validated).peakMiB),
  ];
}

let setAsides = 0;

/**
 * Makes room for a new folder. Nothing is removed before all is measured: some file systems (ext4 without a journal) look
 * at every inode freed in the last seconds before they give one out, so that ten thousand new files take seconds more.
 */
function setAside(path: string): void {
  setAsides += 1;
  if (existsSync(path)) renameSync(path, `${path}-${setAsides}`);
}

function copyRow(full: readonly Cost[], copied: readonly Cost[]): Row {
  return ratioRow(IMAGES, { ours: full, peer: "cp -r of the result", theirs: copied, most: 8 });
}

async function kustomizeRow(bench: Bench, full: readonly Cost[]): Promise<Row> {
  const { folder, program, quick } = bench;
  const kubectl = await tool("kubectl");
  const [files, factor] = quick ? [join(folder, "tenth"), 10] : [join(folder, "output"), 1];
  if (quick) {
    const tenth = writeSets(join(folder, "tenth-inputs"), SETS / factor);
    const command = [process.execPath, program, "render", tenth, "--output-dir", files] as const;
    await measure({ command }, folder);
  }
  const built = await measure({ command: [kubectl, "kustomize", files] }, folder);
  const theirs = built.seconds * factor;
  const times = theirs / medianCost(full).seconds;
  return {
    what: IMAGES,
    drop: seconds(medianCost(full).seconds),
    peer: quick ? "kubectl kustomize of a tenth, × 10" : "kubectl kustomize of it",
    peerFigure: seconds(theirs),
    ratio: `${times.toFixed(0)} × faster`,
    target: quick ? "" : "≥ 50 × faster",
    met: quick ? undefined : times >= 50,
  };
}

/** `drop --version` beside Node.js doing nothing. */
export async function startRow({ folder, program, rounds }: Bench): Promise<Row> {
  const [ours = [], theirs = []] = await measurePaired(
    [
      { command: [process.execPath, program, "--version"] },
      { command: [process.execPath, "-e", "0"] },
    ],
    { rounds: rounds * 5, folder },
  );
  return ratioRow("drop --version", { ours, peer: "node -e 0", theirs, most: 1.6 });
}

interface Comparison {
  readonly ours: readonly Cost[];
  readonly peer: string;
  readonly theirs: readonly Cost[];
  /** The largest ratio aimed at. */
  readonly most: number;
}

/** A row of two programs that ran in turn. */
export function ratioRow(what: string, { ours, peer, theirs, most }: Comparison): Row {
  const ratio = pairedRatio(ours, theirs);
  return {
    what,
    drop: seconds(medianCost(ours).seconds),
    peer,
    peerFigure: seconds(medianCost(theirs).seconds),
    ratio: `${ratio.toFixed(2)} ×`,
    target: `≤ ${most} ×`,
    met: ratio <= most,
  };
}

/** A row of memory, which has no peer. */
export function memoryRow(what: string, peakMiB: number, most?: number): Row {
  const none = { peer: "", peerFigure: "", ratio: "" };
  const target = most === undefined ? "" : `≤ ${mebibytes(most)}`;
  const met = most === undefined ? undefined : peakMiB <= most;
  return { what, drop: mebibytes(peakMiB), ...none, target, met };
}
