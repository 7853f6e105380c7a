/** What asks for programs: `npm test`, `npm run test:e2e`, or a benchmark. */
export type Layer = "test" | "e2e" | "bench";

/** How one program that tests run against is recognised and obtained. */
export interface Tool {
  /** The one layer that wants it, where the other does without. */
  readonly only?: Layer;
  /** What makes it print its version. */
  readonly versionArgs: readonly string[];
  /** The PATH may provide it. */
  readonly onPath?: true;
  /** The archives that envtest-js downloads hold it. */
  readonly inEnvtest?: true;
  /** The Debian package that holds it. */
  readonly debian?: string;
  /** Further packages without which it is of no use. */
  readonly debianToo?: readonly string[];
  /** Where that package puts it; /usr/bin unless told otherwise. */
  readonly debianFolder?: string;
  /** It is copied into images that hold nothing else, so it must not need shared libraries. */
  readonly isStatic?: true;
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
/** What the programs built from Kubernetes' own module have in common. */
export const kubernetes = {
  folder: "kubernetes",
  module: "k8s.io/kubernetes",
  versionIn: kubernetesVersion,
} as const;
