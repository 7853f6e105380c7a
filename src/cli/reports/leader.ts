import type { KubeClient } from "../../kube/client.ts";
import { KubeError } from "../../kube/kube-error.ts";
import type { PodPageReader } from "../../kube/pod-page.ts";
import { LEASES } from "../../kube/resource.ts";
import { textIn } from "../../reconciler/facts/fields.ts";
import type { ReportFlags } from "./flags.ts";

/** What the leader said, or in a sentence why it cannot be heard. */
export type Heard = { readonly body: unknown } | { readonly whyNot: string };

/** Asks the replica that holds the Lease for a page of its health port; the cluster being away is an error. */
export async function askLeader(
  { client, pages }: { readonly client: Pick<KubeClient, "get">; readonly pages: PodPageReader },
  { flags, path }: { readonly flags: ReportFlags; readonly path: string },
  signal: AbortSignal,
): Promise<Heard> {
  const { namespace, healthPort: port } = flags;
  const leader = await leaderOf(client, flags, signal);
  if ("whyNot" in leader) return leader;
  try {
    return { body: await pages({ namespace, pod: leader.pod, port, path }, signal) };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof KubeError) || isOutage(error)) throw error;
    return { whyNot: unheard(error, { pod: leader.pod, flags }) };
  }
}

async function leaderOf(
  client: Pick<KubeClient, "get">,
  { namespace, lease: name }: ReportFlags,
  signal: AbortSignal,
): Promise<{ readonly pod: string } | { readonly whyNot: string }> {
  try {
    const lease = await client.get({ resource: LEASES, namespace, name }, { signal });
    const pod = textIn(lease, "spec", "holderIdentity");
    return pod === "" ? { whyNot: "no reconciler leads" } : { pod };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof KubeError) || isOutage(error)) throw error;
    if (error.reason === "NotFound") {
      return { whyNot: `no reconciler runs: there is no Lease ${name} in ${namespace}` };
    }
    if (error.reason !== "Forbidden") throw error;
    return { whyNot: `this user may not read the Lease ${name} in ${namespace}` };
  }
}

/** Then nothing else in the cluster can be read either. */
function isOutage({ reason, answer }: KubeError): boolean {
  if (reason === "InvalidConfig" || reason === "Unauthorized") return true;
  return reason === "Unreachable" && answer === undefined;
}

function unheard(
  error: KubeError,
  { pod, flags }: { readonly pod: string; readonly flags: ReportFlags },
): string {
  const { namespace } = flags;
  if (error.reason === "Forbidden") return `this user may not get pods/proxy in ${namespace}`;
  if (error.reason === "NotFound") return `the reconciler's Pod ${pod} is gone from ${namespace}`;
  if (error.reason === "Timeout") return `the reconciler's Pod ${pod} did not answer in time`;
  return `the reconciler's Pod ${pod} could not be heard: ${error.message}`;
}
