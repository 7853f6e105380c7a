import type {
  ConfigurationOptions,
  CoreV1Api,
  CustomObjectsApi,
  KubeConfig,
} from "@kubernetes/client-node";
import { KubeError } from "./kube-error.ts";
import type { Authorization } from "./pooled-config.ts";

/** Which cluster, and as whom. */
export interface KubeOptions {
  /** A file; without it, what kubectl would use, or inside a Pod its service account. */
  readonly kubeconfig?: string;
  /** Without it, the current one. */
  readonly context?: string;
}

/** Kept-alive connections to one API server. */
export interface KubeConnection {
  readonly config: KubeConfig;
  /** Namespaced objects of Kubernetes' core, Secrets among them. */
  readonly core: CoreV1Api;
  readonly customObjects: CustomObjectsApi;
  /** Options that let a signal end one call. */
  abortable(signal: AbortSignal): ConfigurationOptions;
  /** What a request to an address below the server's needs: credentials, and connections that are kept. */
  authorize(url: string): Promise<Authorization>;
  close(): Promise<void>;
}

/** Opens no connection yet; client-node is loaded only here, since that takes a third of a second. */
export async function connectKube(options: KubeOptions = {}): Promise<KubeConnection> {
  const { CoreV1Api, CustomObjectsApi, Observable } = await import("@kubernetes/client-node");
  const { PooledKubeConfig } = await import("./pooled-config.ts");
  const config = new PooledKubeConfig();
  load(config, options);
  return {
    config,
    core: config.makeApiClient(CoreV1Api),
    customObjects: config.makeApiClient(CustomObjectsApi),
    abortable: (signal) => ({
      middlewareMergeStrategy: "append",
      middleware: [
        {
          pre(context) {
            context.setSignal(signal);
            return new Observable(Promise.resolve(context));
          },
          post: (context) => new Observable(Promise.resolve(context)),
        },
      ],
    }),
    authorize: (url) => config.authorize(url),
    close: () => config.close(),
  };
}

function load(config: KubeConfig, { kubeconfig, context }: KubeOptions): void {
  const which = kubeconfig === undefined ? "the kubeconfig" : `the kubeconfig ${kubeconfig}`;
  try {
    if (kubeconfig === undefined) config.loadFromDefault();
    else config.loadFromFile(kubeconfig);
  } catch (cause) {
    const fix = "check that the file exists and is what kubectl reads";
    throw new KubeError("InvalidConfig", { message: `${which} cannot be read`, fix, cause });
  }
  if (context !== undefined) config.setCurrentContext(context);
  if (config.getCurrentCluster() !== null) return;
  const name = config.getCurrentContext();
  const what = name === "" ? "chooses no context" : `has no cluster for the context ${name}`;
  const fix = "name a context that it has";
  throw new KubeError("InvalidConfig", { message: `${which} ${what}`, fix });
}
