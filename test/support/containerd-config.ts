import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { freeNetwork } from "./free-network.ts";
import { tool } from "./tools.ts";

/** What a containerd is told. */
export interface Setting {
  readonly socket: string;
  /** The folder with what it should know of registries. */
  readonly certs: string;
  readonly sandboxImage: string;
  readonly pullsLocally: boolean;
}

/** Writes the configuration and the network's; gives the path of the first. */
export async function configure(folder: string, setting: Setting): Promise<string> {
  const { socket, certs, sandboxImage, pullsLocally } = setting;
  const network = join(folder, "cni");
  await mkdir(network);
  await writeFile(join(network, "10-drop-test.conflist"), networkConfiguration(folder));
  const path = join(folder, "config.toml");
  await writeFile(
    path,
    `version = 3
root = "${folder}/root"
state = "${folder}/state"
# What other containerds on the machine would fight over, and what no test needs.
disabled_plugins = ["io.containerd.nri.v1.nri", "io.containerd.tracing.processor.v1.otlp"]

[grpc]
address = "${socket}"

[plugins."io.containerd.cri.v1.images"]
use_local_image_pull = ${pullsLocally}

[plugins."io.containerd.cri.v1.images".pinned_images]
sandbox = "${sandboxImage}"

[plugins."io.containerd.cri.v1.images".registry]
config_path = "${certs}"

[plugins."io.containerd.cri.v1.runtime"]
# Only the mightiest root may make its children less likely to be killed.
restrict_oom_score_adj = true
netns_mounts_under_state_dir = true
tolerate_missing_hugetlb_controller = true

[plugins."io.containerd.cri.v1.runtime".cni]
bin_dirs = ["${dirname(await tool("ptp"))}"]
conf_dir = "${network}"

[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
runtime_path = "${await tool("containerd-shim-runc-v2")}"

[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
BinaryName = "${await tool("runc")}"
SystemdCgroup = false
`,
  );
  return path;
}

function networkConfiguration(folder: string): string {
  const ipam = {
    type: "host-local",
    dataDir: join(folder, "addresses"),
    ranges: [[{ subnet: `${freeNetwork()}.0/24` }]],
  };
  return JSON.stringify({
    cniVersion: "1.0.0",
    name: "drop-test",
    plugins: [{ type: "ptp", ipMasq: false, ipam }],
  });
}
