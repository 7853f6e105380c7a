import { createHash } from "node:crypto";
import type { DiscoveryPolicy, DiscoverySource } from "../api/types.gen.ts";
import type { SourceOutcome } from "./outcome.ts";
import { sourceNames } from "./source-names.ts";

/** Asks the sources of a policy. */
export type Discover = (
  policy: DiscoveryPolicy,
  signal: AbortSignal,
) => Promise<readonly SourceOutcome[]>;

/** Remembers for one run what each distinct source answered, whoever asks. */
export type AnswerMemo = Map<string, Promise<SourceOutcome | undefined>>;

/**
 * A `discover` that asks each distinct source once in a run, however many policies and targets have it. `keyOfSecret`
 * tells apart Secrets of the same name: sources with different logins are different sources.
 */
export function askedOnce(
  discover: Discover,
  memo: AnswerMemo,
  keyOfSecret: (name: string) => string,
): Discover {
  return async (policy, signal) => {
    const names = sourceNames(policy.spec.sources);
    const answers = policy.spec.sources.map(async (source, index) => {
      const key = keyOf(policy, source, keyOfSecret);
      const single = { ...policy, spec: { ...policy.spec, sources: [source] } };
      const asked = memo.get(key) ?? discover(single, signal).then(([outcome]) => outcome);
      memo.set(key, asked);
      const outcome = await asked;
      return outcome === undefined ? [] : [{ ...outcome, name: names[index] ?? outcome.name }];
    });
    return (await Promise.all(answers)).flat();
  };
}

function keyOf(
  { spec }: DiscoveryPolicy,
  { name: _, ...source }: DiscoverySource,
  keyOfSecret: (name: string) => string,
): string {
  const secret = source.secretRef === undefined ? "" : keyOfSecret(source.secretRef.name);
  const parts = [spec.suspend === true, source, secret];
  return createHash("sha256").update(JSON.stringify(parts)).digest("base64");
}
