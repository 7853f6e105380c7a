import { kubernetes, type Tool } from "./tool.ts";

const containerd = {
  folder: "containerd",
  module: "github.com/containerd/containerd/v2",
  versionIn: ["github.com/containerd/containerd/v2/version.Version"],
} as const;
const cni = {
  only: "e2e",
  versionArgs: [],
  debian: "containernetworking-plugins",
  debianFolder: "/usr/lib/cni",
} as const;

/** The programs that only `npm run test:e2e` needs: nodes that run Pods, and fake ones by the thousand. */
export const endToEndTools = {
  gcc: {
    only: "e2e",
    versionArgs: ["--version"],
    onPath: true,
    debian: "gcc",
    debianToo: ["libc6-dev"],
  },
  runc: {
    only: "e2e",
    versionArgs: ["--version"],
    onPath: true,
    debian: "runc",
    debianFolder: "/usr/sbin",
  },
  busybox: {
    only: "e2e",
    versionArgs: ["--help"],
    onPath: true,
    debian: "busybox-static",
    isStatic: true,
  },
  ptp: cni,
  "host-local": cni,
  "kube-controller-manager": {
    only: "e2e",
    versionArgs: ["--version"],
    go: {
      ...kubernetes,
      program: "k8s.io/kubernetes/cmd/kube-controller-manager",
      takes: "2 minutes",
    },
  },
  kubelet: {
    only: "e2e",
    versionArgs: ["--version"],
    go: { ...kubernetes, program: "k8s.io/kubernetes/cmd/kubelet", takes: "2 minutes" },
  },
  containerd: {
    only: "e2e",
    versionArgs: ["--version"],
    go: {
      ...containerd,
      program: "github.com/containerd/containerd/v2/cmd/containerd",
      takes: "2 minutes",
    },
  },
  "containerd-shim-runc-v2": {
    only: "e2e",
    versionArgs: ["-v"],
    go: {
      ...containerd,
      program: "github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2",
      takes: "1 minute",
    },
  },
  ctr: {
    only: "e2e",
    versionArgs: ["--version"],
    go: {
      ...containerd,
      program: "github.com/containerd/containerd/v2/cmd/ctr",
      takes: "1 minute",
    },
  },
  kwok: {
    only: "e2e",
    versionArgs: ["--version"],
    go: {
      folder: "kwok",
      module: "sigs.k8s.io/kwok",
      program: "sigs.k8s.io/kwok/cmd/kwok",
      takes: "2 minutes",
      versionIn: ["sigs.k8s.io/kwok/pkg/consts.Version"],
    },
  },
  vegeta: {
    only: "bench",
    versionArgs: ["-version"],
    go: {
      folder: "vegeta",
      module: "github.com/tsenart/vegeta/v12",
      program: "github.com/tsenart/vegeta/v12",
      takes: "1 minute",
      versionIn: ["main.Version"],
    },
  },
} as const satisfies Readonly<Record<string, Tool>>;
