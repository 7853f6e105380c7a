import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { endToEndTools } from "./end-to-end-tools.ts";
import { type GoBuild, kubernetes, type Layer, type Tool } from "./tool.ts";

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
  prometheus: { only: "test", versionArgs: ["--version"], onPath: true, debian: "prometheus" },
  promtool: { only: "test", versionArgs: ["--version"], onPath: true, debian: "prometheus" },
  skopeo: { versionArgs: ["--version"], onPath: true, debian: "skopeo" },
  umoci: { versionArgs: ["--version"], onPath: true, debian: "umoci" },
  bash: { only: "test", versionArgs: ["--version"], onPath: true, debian: "bash" },
  zsh: { only: "test", versionArgs: ["--version"], onPath: true, debian: "zsh" },
  fish: { only: "test", versionArgs: ["--version"], onPath: true, debian: "fish" },
  script: { only: "test", versionArgs: ["--version"], onPath: true, debian: "bsdutils" },
  xmllint: { only: "test", versionArgs: ["--version"], onPath: true, debian: "libxml2-utils" },
  ...endToEndTools,
} as const satisfies Readonly<Record<string, Tool>>;

export type ToolName = keyof typeof tools;

/** The names of every tool, in the order in which they are worth obtaining. */
export const toolNames: readonly ToolName[] = Object.keys(tools).filter(isToolName);

function isToolName(name: string): name is ToolName {
  return Object.hasOwn(tools, name);
}

/** The names of the tools that a layer wants, in the same order. */
export function toolsOf(layer: Layer): readonly ToolName[] {
  return toolNames.filter((name) => (toolNamed(name).only ?? layer) === layer);
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
