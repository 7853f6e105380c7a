import { mkdir, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { atExit } from "./at-exit.ts";
import { type Finished, run, startChild } from "./child.ts";
import { configure } from "./containerd-config.ts";
import { type ControlGroup, makeControlGroup } from "./control-group.ts";
import { makeFolder } from "./folder.ts";
import { unmountBelow } from "./mounts.ts";
import { keepSettings } from "./sysctl.ts";
import { tool } from "./tools.ts";

/** A real containerd with storage, network and control group of its own. */
export interface Containerd {
  /** The path of its socket. */
  readonly socket: string;
  /** The control group that whatever it runs belongs below. */
  readonly controlGroup: ControlGroup;
  /** Answers for a host's name in image references from somewhere else from now on. */
  addRegistry(host: string, upstream: Upstream): Promise<void>;
  /** The names of its images, as `ctr images ls -q` prints them. */
  images(): Promise<readonly string[]>;
  /** Removes an image with what nothing else uses, as kubelet's garbage collection would. */
  removeImage(name: string): Promise<void>;
  /** Runs ctr in Kubernetes' namespace; a failure is an answer, not an error. */
  ctr(...args: readonly string[]): Promise<Finished>;
  output(): string;
  stop(): Promise<void>;
}

/** Where a registry of some name really is. */
export interface Upstream {
  /** "http://127.0.0.1:PORT" or https. */
  readonly url: string;
  /** PEM of the authority to trust; without it only those of the machine. */
  readonly caPem?: string | undefined;
}

export interface ContainerdOptions {
  /** The image that holds a Pod's namespaces. */
  readonly sandboxImage: string;
  /** By the host's name in image references; others are asked over https at the place they name. */
  readonly registries?: Readonly<Record<string, Upstream>>;
  /** Pulls as containerd did before 2.1, whose words for failures were others. */
  readonly pullsLocally?: boolean;
  /** Everything that it keeps is on a disk of this size, such as "64m". */
  readonly diskSize?: string;
}

/** Starts containerd with runc in about a second; needs root. */
export async function startContainerd(options: ContainerdOptions): Promise<Containerd> {
  const folder = await makeFolder("containerd");
  // Its network plugin turns on forwarding for the whole machine.
  keepSettings("net/ipv4/ip_forward");
  const controlGroup = makeControlGroup();
  function clean(): void {
    controlGroup.remove();
    unmountBelow(folder.path);
  }
  const forget = atExit(clean);
  const socket = join(folder.path, "containerd.sock");
  const certs = join(folder.path, "certs.d");
  async function addRegistry(host: string, upstream: Upstream): Promise<void> {
    await writeHosts(join(certs, host), upstream);
  }
  async function discard(): Promise<void> {
    clean();
    forget();
    await folder.remove();
  }
  try {
    for (const [host, upstream] of Object.entries(options.registries ?? {}))
      await addRegistry(host, upstream);
    const diskSize = options.diskSize ?? (await sizeWanted(folder.path));
    if (diskSize !== undefined) await mountDisk(join(folder.path, "root"), diskSize);
    const config = await configure(folder.path, {
      socket,
      certs,
      sandboxImage: options.sandboxImage,
      pullsLocally: options.pullsLocally ?? false,
    });
    const child = await startChild({
      command: await tool("containerd"),
      args: ["--config", config],
      env: { PATH: process.env["PATH"], HOME: folder.path, TMPDIR: folder.path },
      ready: (output) => output.includes("containerd successfully booted"),
    });
    controlGroup.add(child.pid);
    const program = await tool("ctr");
    const ctr = (...args: readonly string[]) =>
      run(program, ["--address", socket, "--namespace", "k8s.io", ...args]);
    return {
      socket,
      controlGroup,
      addRegistry,
      async images() {
        const { stdout } = demand(await ctr("images", "ls", "-q"));
        return stdout.split("\n").filter((line) => line !== "");
      },
      async removeImage(name) {
        demand(await ctr("images", "rm", "--sync", name));
      },
      ctr,
      output: child.output,
      async stop() {
        await child.stop();
        await discard();
      },
    };
  } catch (error) {
    await discard();
    throw error;
  }
}

/** Containers' file systems are overlays, and those cannot lie on another overlay, such as that of a build container. */
async function sizeWanted(folder: string): Promise<string | undefined> {
  return (await statfs(folder)).type === overlay ? "2g" : undefined;
}

const overlay = 0x794c7630;

async function mountDisk(path: string, size: string): Promise<void> {
  await mkdir(path);
  const args = ["-t", "tmpfs", "-o", `size=${size}`, "drop-test", path];
  const { code, stderr } = await run("mount", args);
  if (code !== 0) throw new Error(`mount failed: ${stderr.trim()}`);
}

function demand(finished: Finished): Finished {
  if (finished.code !== 0) throw new Error(`ctr failed: ${finished.stderr.trim()}`);
  return finished;
}

async function writeHosts(folder: string, { url, caPem }: Upstream): Promise<void> {
  await mkdir(folder, { recursive: true });
  const ca = join(folder, "ca.crt");
  if (caPem !== undefined) await writeFile(ca, caPem);
  // Without `server` containerd would try the host of the reference afterwards.
  const lines = [`server = "${url}"`, `[host."${url}"]`, `capabilities = ["pull", "resolve"]`];
  if (caPem !== undefined) lines.push(`ca = "${ca}"`);
  await writeFile(join(folder, "hosts.toml"), `${lines.join("\n")}\n`);
}
