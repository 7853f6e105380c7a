import { createHash } from "node:crypto";
import { own } from "../../api/record.ts";
import type { DiscoveryPolicy } from "../../api/types.gen.ts";
import { askedOnce, type Discover } from "../../discovery/once.ts";
import { offlineOutcomes } from "../../discovery/unasked.ts";
import { loadInputs, ofKind } from "../../renderer/load/load.ts";
import { replayedOutcomes } from "../../renderer/replay.ts";
import type { RenderRun } from "./job.ts";

/** Where the answers of sources come from, until closed. */
export interface Answers {
  readonly discover: Discover;
  readonly close: () => Promise<void>;
}

/** What may be asked in a run. */
export interface Askable {
  readonly policies: readonly DiscoveryPolicy[];
  readonly secrets: readonly unknown[];
}

/** Answers from a recorded file, from nowhere, or from the sources themselves, each distinct one asked once a run. */
export async function openAnswers(
  run: RenderRun,
  { policies, secrets }: Askable,
): Promise<Answers> {
  const { flags, context, memo } = run;
  const close = async () => {};
  if (flags.offline) return { discover: async (policy) => offlineOutcomes(policy), close };
  if (flags.discovered !== undefined)
    return { discover: await recorded(flags.discovered, run), close };
  if (policies.length === 0 && !speaksOfSources(flags)) return { discover: async () => [], close };
  const { openDiscovery } = await import("../sources/ports.ts");
  const discovery = await openDiscovery(flags, secrets, context);
  const discover = askedOnce(discovery.discover, memo, (name) => secretKey(name, secrets));
  return { discover, close: discovery.close };
}

/** Flags about sources are checked although there is none to ask. */
function speaksOfSources({ secret, allowedEndpoints, kubeconfig }: RenderRun["flags"]): boolean {
  return secret.length > 0 || allowedEndpoints.length > 0 || kubeconfig !== undefined;
}

async function recorded(file: string, { context }: RenderRun): Promise<Discover> {
  const { terminal, signal } = context;
  const inputs = await loadInputs({ paths: [file], stdin: terminal.stdin, signal });
  const policies = ofKind(inputs, "DiscoveryPolicy");
  const byName = new Map(policies.map((policy) => [policy.metadata.name, policy]));
  return async (policy) => replayedOutcomes(policy, byName.get(policy.metadata.name));
}

/** The same name and contents give the same key; of a Secret that is not among the inputs the name says enough. */
function secretKey(name: string, secrets: readonly unknown[]): string {
  const secret = secrets.find((object) => own(own(object, "metadata"), "name") === name);
  if (secret === undefined) return name;
  return createHash("sha256").update(JSON.stringify(secret)).digest("base64");
}
