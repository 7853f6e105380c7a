import { type Command, Option } from "commander";
import { LOG_LEVELS, type LogLevel } from "../runtime/log-level.ts";
import type { CommandContext } from "./context.ts";
import {
  parseAnnotation,
  parseDurationMs,
  parseLabel,
  parseWholeNumber,
} from "./reconciler/flag-values.ts";
import { endsByItself } from "./terminal/interruption.ts";

/** The flags of `drop reconciler`, as commander hands them over. */
export interface ReconcilerFlags {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly namespace: string;
  readonly lease: string;
  readonly identity?: string;
  readonly kubeApiQps: number;
  readonly kubeApiBurst: number;
  readonly pullNamespace: string;
  readonly maxImagesPerPod: number;
  readonly pullMethod?: "image-volume" | "helper";
  readonly pauseImage?: string;
  readonly helperImage?: string;
  readonly priorityClass?: string;
  readonly podLabel: Readonly<Record<string, string>>;
  readonly podAnnotation: Readonly<Record<string, string>>;
  readonly nodeStatusMaxImages: number;
  readonly evictionBackoff: number;
  readonly host?: string;
  readonly healthPort: number;
  readonly logLevel: LogLevel;
}

const HELP = `
Has kubelets pull the images of CachedImages, paced by their PullPolicy, with
short-lived Pods that never run an image's own code. Writes the status of
CachedImages and CachedImageSets.

Of several replicas one works: the holder of the Lease. The others follow, and
take over within 20 s when it dies, at once when it is told to end.

The health port serves /healthz, /readyz, /metrics, and the snapshot behind
"drop status" and "drop why".`;

/** Adds `drop reconciler`. */
export function addReconciler(program: Command, context: CommandContext): void {
  const command = program
    .command("reconciler")
    .summary("pull images onto nodes, in a cluster")
    .description("Gets the images onto the nodes, gently, and reports what is where.");
  addClusterFlags(command);
  addPodFlags(command);
  addPodMarks(command);
  addNodeFlags(command);
  addHealthFlags(command);
  command.addHelpText("after", HELP).action(async (flags: ReconcilerFlags) => {
    endsByItself(context.signal);
    const { keepHeapSmall } = await import("../runtime/heap.ts");
    // Before the rest is loaded.
    keepHeapSmall();
    const { reconciler } = await import("./reconciler/run.ts");
    await reconciler(flags, context);
  });
}

function addClusterFlags(command: Command): void {
  command
    .optionsGroup("Cluster:")
    .addOption(
      new Option("--kubeconfig <file>", "the cluster (default: the one it runs in)").env(
        "DROP_KUBECONFIG",
      ),
    )
    .addOption(new Option("--context <name>", "a context of the kubeconfig").env("DROP_CONTEXT"))
    .addOption(
      new Option("-n, --namespace <name>", "where the Lease is")
        .default("drop-system")
        .env("DROP_NAMESPACE"),
    )
    .addOption(
      new Option("--lease <name>", "the Lease that says which replica works")
        .default("drop-reconciler")
        .env("DROP_LEASE"),
    )
    .addOption(
      new Option("--identity <name>", "this replica (default: the host's name)").env(
        "DROP_IDENTITY",
      ),
    )
    .addOption(
      new Option("--kube-api-qps <number>", "requests to the API server a second, on average")
        .argParser(parseWholeNumber({ least: 1, most: 10_000 }))
        .default(20)
        .env("DROP_KUBE_API_QPS"),
    )
    .addOption(
      new Option("--kube-api-burst <number>", "requests at once")
        .argParser(parseWholeNumber({ least: 1, most: 10_000 }))
        .default(40)
        .env("DROP_KUBE_API_BURST"),
    );
}

function addPodFlags(command: Command): void {
  command
    .optionsGroup("Pull Pods:")
    .addOption(
      new Option("--pull-namespace <name>", "where pull Pods and their Secrets are")
        .default("drop-pulls")
        .env("DROP_PULL_NAMESPACE"),
    )
    .addOption(
      new Option("--max-images-per-pod <number>", "images that one Pod pulls")
        .argParser(parseWholeNumber({ least: 1, most: 10 }))
        .default(10)
        .env("DROP_MAX_IMAGES_PER_POD"),
    )
    .addOption(
      new Option("--pull-method <method>", "how kubelet is made to pull (default: what a node can)")
        .choices(["image-volume", "helper"])
        .env("DROP_PULL_METHOD"),
    )
    .addOption(
      new Option("--pause-image <image>", "what runs beside an image volume").env(
        "DROP_PAUSE_IMAGE",
      ),
    )
    .addOption(
      new Option("--helper-image <image>", "where the helper's static program is from").env(
        "DROP_HELPER_IMAGE",
      ),
    );
}

/** What a cluster's own rules may want of every Pod. */
function addPodMarks(command: Command): void {
  command
    .addOption(
      new Option("--priority-class <name>", "the PriorityClass of pull Pods").env(
        "DROP_PRIORITY_CLASS",
      ),
    )
    .addOption(
      new Option("--pod-label <key=value>", "a label for pull Pods; repeat it for more")
        .argParser(parseLabel)
        .default({}, "none"),
    )
    .addOption(
      new Option("--pod-annotation <key=value>", "an annotation for pull Pods; repeat it for more")
        .argParser(parseAnnotation)
        .default({}, "none"),
    );
}

function addNodeFlags(command: Command): void {
  command
    .optionsGroup("Nodes:")
    .addOption(
      new Option("--node-status-max-images <number>", "as kubelet's nodeStatusMaxImages")
        .argParser(parseWholeNumber({ least: 1, most: 100_000 }))
        .default(50)
        .env("DROP_NODE_STATUS_MAX_IMAGES"),
    )
    .addOption(
      new Option("--eviction-backoff <duration>", "the wait after kubelet removed an image")
        .argParser(parseDurationMs)
        .default(parseDurationMs("6h"), "6h")
        .env("DROP_EVICTION_BACKOFF"),
    );
}

function addHealthFlags(command: Command): void {
  command
    .optionsGroup("Health and log:")
    .addOption(
      new Option("--host <address>", "the address of the health port")
        .default(undefined, "all of the machine")
        .env("DROP_HOST"),
    )
    .addOption(
      new Option("--health-port <number>", "the port for kubelet and Prometheus; 0 for any")
        .argParser(parseWholeNumber({ least: 0, most: 65_535 }))
        .default(8_080)
        .env("DROP_HEALTH_PORT"),
    )
    .addOption(
      new Option("--log-level <level>", "what is logged, as JSON lines to standard output")
        .choices(LOG_LEVELS)
        .default("info")
        .env("DROP_LOG_LEVEL"),
    );
}
