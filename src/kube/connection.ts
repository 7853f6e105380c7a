import type { KubeConfig } from "@kubernetes/client-node";
import type { KubeClients } from "./clients.ts";
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
export interface KubeServer {
  readonly config: KubeConfig;
  /** What a request to an address below the server's needs: credentials, and connections that are kept. */
  authorize(url: string): Promise<Authorization>;
  close(): Promise<void>;
}

/** The same with client-node's own clients. */
export interface KubeConnection extends KubeServer, KubeClients {}

/** Opens no connection yet. Of client-node's bundle only what reads a kubeconfig is loaded: all of it takes 50 MiB. */
export async function connectServer(options: KubeOptions = {}): Promise<KubeServer> {
  const { PooledKubeConfig } = await import("./pooled-config.ts");
  const config = new PooledKubeConfig();
  load(config, options);
  return { config, authorize: (url) => config.authorize(url), close: () => config.close() };
}

/** The same with clients; what they are made of is loaded only here, since that takes a third of a second. */
export async function connectKube(options: KubeOptions = {}): Promise<KubeConnection> {
  const { clientsFor } = await import("./clients.ts");
  const server = await connectServer(options);
  return { ...server, ...clientsFor(server.config) };
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
