import { DEFAULT_POLICY } from "../facts/policy.ts";
import type { PolicyFacts } from "../model/facts.ts";
import type { Ledger } from "./ledger.ts";

/** The pace of what was started under a policy that may be gone by now. */
export function paceOf({ policies }: Ledger, policyKey: string): PolicyFacts {
  return policies.get(policyKey) ?? DEFAULT_POLICY;
}
