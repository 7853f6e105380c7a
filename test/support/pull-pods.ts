import type { Kubernetes } from "./kubernetes.ts";
import { until } from "./until.ts";

/** One container of a Pod that makes kubelet pull. */
export interface Pull {
  /** The container's name. */
  readonly name: string;
  readonly reference: string;
  readonly pullPolicy?: "Always" | "IfNotPresent" | "Never";
}

export interface PullPodOptions {
  readonly namespace: string;
  readonly name: string;
  readonly nodeName: string;
  readonly pulls: readonly Pull[];
  readonly secrets?: readonly string[];
}

/** A Pod, written by hand and apart from the code under test, that mounts each image into a program of ours. */
export function volumePod(pauseImage: string, { pulls, ...options }: PullPodOptions): object {
  return pod(options, {
    containers: pulls.map(({ name }) => ({
      ...container(name, pauseImage),
      command: ["/pause", "-v"],
      volumeMounts: [{ name, mountPath: "/image", readOnly: true }],
    })),
    volumes: pulls.map(({ name, reference, pullPolicy }) => ({
      name,
      image: { reference, ...(pullPolicy && { pullPolicy }) },
    })),
  });
}

/** A Pod, written likewise, that runs a program of ours inside each image. */
export function helperPod(helperImage: string, { pulls, ...options }: PullPodOptions): object {
  const volumeMounts = [{ name: "drop", mountPath: "/drop" }];
  return pod(options, {
    initContainers: [
      {
        ...container("copy", helperImage),
        command: ["/bin/cp", "/bin/busybox", "/drop/true"],
        volumeMounts,
      },
    ],
    containers: pulls.map(({ name, reference, pullPolicy }) => ({
      ...container(name, reference),
      ...(pullPolicy && { imagePullPolicy: pullPolicy }),
      command: ["/drop/true"],
      volumeMounts,
    })),
    volumes: [{ name: "drop", emptyDir: {} }],
  });
}

function pod(
  { namespace, name, nodeName, secrets = [] }: Omit<PullPodOptions, "pulls">,
  spec: object,
) {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { namespace, name },
    spec: {
      nodeName,
      restartPolicy: "Never",
      terminationGracePeriodSeconds: 0,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      imagePullSecrets: secrets.map((secret) => ({ name: secret })),
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 65532,
        runAsGroup: 65532,
        seccompProfile: { type: "RuntimeDefault" },
      },
      ...spec,
    },
  };
}

function container(name: string, image: string) {
  return {
    name,
    image,
    resources: { requests: { cpu: "1m", memory: "8Mi" }, limits: { memory: "32Mi" } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    },
  };
}

/** A container's state of the core API. */
export interface ContainerState {
  readonly waiting?: { readonly reason?: string; readonly message?: string };
  readonly running?: object;
  readonly terminated?: {
    readonly exitCode: number;
    readonly reason?: string;
    readonly message?: string;
  };
}

export interface ContainerStatus {
  readonly name: string;
  readonly imageID: string;
  readonly state: ContainerState;
}

/** What the tests read of a Pod. */
export interface PodSeen {
  readonly status: {
    readonly phase: string;
    readonly reason?: string;
    readonly message?: string;
    readonly containerStatuses?: readonly ContainerStatus[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
  };
}

/** Applies objects with kubectl; throws when the API server refuses one. */
export async function apply({ kubectl }: Kubernetes, ...objects: readonly object[]): Promise<void> {
  const list = JSON.stringify({ apiVersion: "v1", kind: "List", items: objects });
  const { code, stderr } = await kubectl(["create", "-f", "-"], list);
  if (code !== 0) throw new Error(`kubectl create failed: ${stderr}`);
}

/** A namespace that holds Pods to the strictest of the Pod Security levels. */
export function restrictedNamespace(name: string): object {
  const labels = { "pod-security.kubernetes.io/enforce": "restricted" };
  return { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } };
}

/** Waits until a Pod is as asked, and gives it; says how it is when it never comes to that. */
export async function podWhen(
  { kubectl }: Kubernetes,
  [namespace, name]: readonly [string, string],
  is: (seen: PodSeen) => boolean,
): Promise<PodSeen> {
  let seen: PodSeen | undefined;
  try {
    const what = `Pod ${namespace}/${name} to be as asked`;
    await until(
      async () => {
        const { stdout } = await kubectl(["get", "pod", "-n", namespace, name, "-o", "json"]);
        seen = JSON.parse(stdout);
        return seen !== undefined && is(seen);
      },
      { what, withinMs: 60_000, everyMs: 250 },
    );
  } catch (cause) {
    throw new Error(`the Pod stayed like this: ${JSON.stringify(seen?.status)}`, { cause });
  }
  if (seen === undefined) throw new Error("no Pod was seen");
  return seen;
}

/** The state of one container, init containers included. */
export function stateOf({ status }: PodSeen, name: string): ContainerState {
  const { containerStatuses = [], initContainerStatuses = [] } = status;
  const all = [...initContainerStatuses, ...containerStatuses];
  return all.find((one) => one.name === name)?.state ?? {};
}

/** Whether a Pod has ended and every container did well. */
export function succeeded({ status }: PodSeen): boolean {
  return status.phase === "Succeeded";
}
