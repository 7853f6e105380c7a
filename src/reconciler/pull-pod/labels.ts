import { hash } from "node:crypto";
import { MANAGED_BY_DROP, MANAGED_BY_LABEL } from "../../api/labels.ts";
import { recordOf, type UnknownRecord } from "../../api/record.ts";

const COMPONENT_LABEL = "app.kubernetes.io/component";
const PULL_COMPONENT = "pull";

/** On a pull Pod: a hash of its PullPolicy's name, which may be too long for a label; absent for the default one. */
export const POLICY_LABEL = "drop.corewire.io/policy-hash";

/** Selects every pull Pod, in the form of the API server's `labelSelector`. */
export const PULL_POD_SELECTOR = `${MANAGED_BY_LABEL}=${MANAGED_BY_DROP},${COMPONENT_LABEL}=${PULL_COMPONENT}`;

/** Each mesh or agent that would add a container, and how its own documentation says to leave a Pod alone. */
const NO_SIDECAR_LABELS = {
  "sidecar.istio.io/inject": "false",
  "kuma.io/sidecar-injection": "disabled",
  "admission.datadoghq.com/enabled": "false",
} as const;
const NO_SIDECAR_ANNOTATIONS = {
  "sidecar.istio.io/inject": "false",
  "linkerd.io/inject": "disabled",
  "kuma.io/sidecar-injection": "disabled",
  "consul.hashicorp.com/connect-inject": "false",
  "openservicemesh.io/sidecar-injection": "disabled",
  "appmesh.k8s.aws/sidecarInjectorWebhook": "disabled",
  "vault.hashicorp.com/agent-inject": "false",
  "dynatrace.com/inject": "false",
} as const;

/** The labels of a pull Pod: those of the flags, Drop's own over them. */
export function podLabels(
  policyName: string | undefined,
  extra: Readonly<Record<string, string>>,
): UnknownRecord {
  return sorted({
    ...extra,
    ...NO_SIDECAR_LABELS,
    [MANAGED_BY_LABEL]: MANAGED_BY_DROP,
    "app.kubernetes.io/part-of": MANAGED_BY_DROP,
    [COMPONENT_LABEL]: PULL_COMPONENT,
    ...(policyName !== undefined && { [POLICY_LABEL]: policyHash(policyName) }),
  });
}

/** The annotations of a pull Pod: those of the flags, Drop's own over them. */
export function podAnnotations(
  work: Readonly<Record<string, string>>,
  extra: Readonly<Record<string, string>>,
): UnknownRecord {
  return sorted({
    ...extra,
    ...NO_SIDECAR_ANNOTATIONS,
    "cluster-autoscaler.kubernetes.io/safe-to-evict": "true",
    ...work,
  });
}

/** Sixteen hexadecimal digits, the value of `POLICY_LABEL`. */
export function policyHash(policyName: string): string {
  return hash("sha256", policyName).slice(0, 16);
}

function sorted(entries: Readonly<Record<string, string>>): UnknownRecord {
  return recordOf(Object.entries(entries).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
