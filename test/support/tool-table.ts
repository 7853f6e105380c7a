import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** How one program that tests run against is recognised and obtained. */
export interface Tool {
  /** What makes it print its version. */
  readonly versionArgs: readonly string[];
  /** The PATH may provide it. */
  readonly onPath?: true;
  /** The archives that envtest-js downloads hold it. */
  readonly inEnvtest?: true;
  /** The Debian package that holds it. */
  readonly debian?: string;
  readonly go?: GoBuild;
}

/** A program built from a Go module that `test/tools/<folder>/go.mod` names. */
export interface GoBuild {
  readonly folder: string;
  readonly module: string;
  readonly program: string;
  /** On two cores with an empty build cache; for the person who waits. */
  readonly takes: string;
  /** Linker variables that are to hold the module's version. */
  readonly versionIn?: readonly string[];
}

/** Without these kubectl cannot parse the version of a server built from the module. */
const kubernetesVersion = [
  "k8s.io/component-base/version.gitVersion",
  "k8s.io/client-go/pkg/version.gitVersion",
];
const kubernetes = {
  folder: "kubernetes",
  module: "k8s.io/kubernetes",
  versionIn: kubernetesVersion,
} as const;

/** Every program that a test may ask for, by the name of its file. */
export const tools = {
  "kube-apiserver": {
    versionArgs: ["--version"],
    inEnvtest: true,
    go: { ...kubernetes, program: "k8s.io/kubernetes/cmd/kube-apiserver", takes: "6 minutes" },
  },
  etcd: {
    versionArgs: ["--version"],
    onPath: true,
    inEnvtest: true,
    debian: "etcd-server",
    go: {
      folder: "etcd",
      module: "go.etcd.io/etcd/server/v3",
      program: "go.etcd.io/etcd/server/v3",
      takes: "1 minute",
    },
  },
  kubectl: {
    versionArgs: ["version", "--client"],
    onPath: true,
    inEnvtest: true,
    go: { ...kubernetes, program: "k8s.io/kubernetes/cmd/kubectl", takes: "2 minutes" },
  },
  registry: {
    versionArgs: ["--version"],
    go: {
      folder: "registry",
      module: "github.com/distribution/distribution/v3",
      program: "github.com/distribution/distribution/v3/cmd/registry",
      takes: "2 minutes",
    },
  },
  "docker-registry": { versionArgs: ["--version"], onPath: true, debian: "docker-registry" },
  prometheus: { versionArgs: ["--version"], onPath: true, debian: "prometheus" },
  promtool: { versionArgs: ["--version"], onPath: true, debian: "prometheus" },
  skopeo: { versionArgs: ["--version"], onPath: true, debian: "skopeo" },
  umoci: { versionArgs: ["--version"], onPath: true, debian: "umoci" },
  bash: { versionArgs: ["--version"], onPath: true, debian: "bash" },
  zsh: { versionArgs: ["--version"], onPath: true, debian: "zsh" },
  fish: { versionArgs: ["--version"], onPath: true, debian: "fish" },
  script: { versionArgs: ["--version"], onPath: true, debian: "bsdutils" },
  xmllint: { versionArgs: ["--version"], onPath: true, debian: "libxml2-utils" },
} as const satisfies Readonly<Record<string, Tool>>;

export type ToolName = keyof typeof tools;

/** The names of every tool, in the order in which they are worth obtaining. */
export const toolNames: readonly ToolName[] = Object.keys(tools).filter(isToolName);

function isToolName(name: string): name is ToolName {
  return Object.hasOwn(tools, name);
}

/** What is known of a tool, whichever it is. */
export function toolNamed(name: ToolName): Tool {
  return tools[name];
}

/** The folder with the Go modules. */
export function goFolder({ folder }: GoBuild): string {
  return join(import.meta.dirname, "..", "tools", folder);
}

/** The version that a go.mod pins, such as "v1.36.3": the one place where it is written. */
export async function pinnedVersion(build: GoBuild): Promise<string> {
  const file = join(goFolder(build), "go.mod");
  for (const line of (await readFile(file, "utf8")).split("\n")) {
    const [module, version] = line.replace("require ", "").trim().split(" ");
    if (module === build.module && version?.startsWith("v")) return version;
  }
  throw new Error(`${file} requires no version of ${build.module}; add it with go get`);
}
