import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

export interface Mount {
  readonly mountPoint: string;
  /** Such as "overlay" or "cgroup2". */
  readonly type: string;
}

/** What is mounted where, in the order in which it was mounted. */
export function mounts(): readonly Mount[] {
  return readFileSync("/proc/self/mountinfo", "utf8").split("\n").flatMap(parseMount);
}

function parseMount(line: string): readonly Mount[] {
  const [before, after] = line.split(" - ");
  const mountPoint = before?.split(" ")[4];
  const type = after?.split(" ")[0];
  if (mountPoint === undefined || type === undefined) return [];
  return [{ mountPoint: decode(mountPoint), type }];
}

/** The kernel writes spaces and the like as octal numbers. */
function decode(path: string): string {
  return path.replaceAll(/\\(\d{3})/g, (_, octal) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}

/** Takes away every mount below a folder, so that removing the folder removes nothing else; throws when one stays. */
export function unmountBelow(folder: string): void {
  const paths = mountPointsBelow(folder).reverse();
  // Lazily, for a process that was just killed may still hold one.
  if (paths.length > 0) spawnSync("umount", ["--lazy", "--", ...paths], { stdio: "ignore" });
  const left = mountPointsBelow(folder);
  if (left.length > 0) throw new Error(`cannot unmount ${left.join(" ")}`);
}

function mountPointsBelow(folder: string): string[] {
  return mounts()
    .map(({ mountPoint }) => mountPoint)
    .filter((path) => path.startsWith(`${folder}/`));
}
