import { watchWithKubectl } from "./kubectl-watch.ts";
import type { Kubernetes } from "./kubernetes.ts";
import type { ContainerState, PodSeen } from "./pull-pods.ts";

/** A reason and message that kubelet gave, of a Pod or of a container that waits or has ended. */
export interface Said {
  readonly reason: string;
  readonly message: string;
}

/** Everything that kubelet said of the Pods of a namespace, also what it soon replaced. */
export interface PodWatch {
  /** What was said of a container, in order, each once. */
  ofContainer(pod: string, container: string): readonly Said[];
  /** What was said of the Pod as a whole. */
  ofPod(pod: string): readonly Said[];
  /** The exit codes of all containers that have ended, each once, in the order of their appearance. */
  exitCodes(): readonly number[];
  stop(): Promise<void>;
}

/** Not a tab, of which kubectl makes a column. */
const separator = " @ ";

/** Watches with kubectl, for what kubelet says in between is gone before anybody asks. */
export async function watchPods(kubernetes: Kubernetes, namespace: string): Promise<PodWatch> {
  const all = new Map<string, Said[]>();
  const codes = new Set<number>();
  function add(key: string, { reason = "", message = "" }: Partial<Said>): void {
    const known = all.get(key) ?? [];
    all.set(key, known);
    if (known.some((one) => one.reason === reason && one.message === message)) return;
    if (reason !== "") known.push({ reason, message });
  }
  function read(line: string): void {
    const at = line.indexOf(separator);
    const pod = line.slice(0, at);
    const status: PodSeen["status"] = JSON.parse(line.slice(at + separator.length));
    add(pod, status);
    const { containerStatuses = [], initContainerStatuses = [] } = status;
    for (const { name, state } of [...initContainerStatuses, ...containerStatuses]) {
      add(`${pod}/${name}`, saidIn(state));
      if (state.terminated !== undefined) codes.add(state.terminated.exitCode);
    }
  }
  const format = `jsonpath={.metadata.name}${separator}{.status}{"\\n"}`;
  const args = ["pods", "--namespace", namespace, "--output", format];
  const watch = await watchWithKubectl(kubernetes, args, read);
  return {
    ofContainer: (pod, container) => all.get(`${pod}/${container}`) ?? [],
    ofPod: (pod) => all.get(pod) ?? [],
    exitCodes: () => [...codes],
    stop: watch.stop,
  };
}

function saidIn({ waiting, terminated }: ContainerState): Partial<Said> {
  return waiting ?? terminated ?? {};
}
