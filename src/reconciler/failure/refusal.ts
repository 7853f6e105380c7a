import type { Failure, FailureReason, FailureScope } from "../model/failure.ts";
import { failureOf } from "./scope.ts";
import { causeIn } from "./text.ts";

/** The API server's answer to a create that it refused. */
export interface Refusal {
  /** Of HTTP; 0 where there was no answer. */
  readonly status: number;
  /** Of the `Status` object: `Forbidden`, `Invalid`. */
  readonly reason: string;
  readonly message: string;
}

interface RefusalRule {
  readonly reason: FailureReason;
  readonly scope: FailureScope;
  /** Over the message in lower case. */
  readonly pattern: RegExp;
}

/** The first that matches decides; admission plugins answer with 403, webhooks with any status from 400 on. */
const RULES: readonly RefusalRule[] = [
  {
    reason: "QuotaExceeded",
    scope: "namespace",
    pattern: /exceeded quota|failed quota|unknown for quota/,
  },
  {
    reason: "PodRejected",
    scope: "namespace",
    pattern:
      /namespaces "[^"]*" not found|is being terminated|looking up service account|failed calling webhook/,
  },
  { reason: "PodRejected", scope: "pod", pattern: /violates podsecurity|denied the request/ },
  {
    reason: "PodRejected",
    scope: "installation",
    pattern: /cannot create resource|no priorityclass with name|is not permitted in .*namespace/,
  },
];

/** What a refused pull Pod means: for the Pod as it was written unless the answer speaks of something wider. */
export function classifyRefusal({ status, reason, message }: Refusal): Failure {
  const cause = causeIn(message) || reason || `the API server answered ${status}`;
  const words = cause.toLowerCase();
  const rule = RULES.find(({ pattern }) => pattern.test(words));
  if (rule !== undefined) return failureOf(rule.reason, cause, rule.scope);
  if (status === 401) return failureOf("PodRejected", cause, "installation");
  // An API server in trouble says nothing about Pod, image or node.
  if (status < 400 || status === 429 || status >= 500)
    return failureOf("Unknown", cause, "namespace");
  if (status === 409) return failureOf("Unknown", cause);
  return failureOf("PodRejected", cause);
}
