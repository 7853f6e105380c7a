import { createHash } from "node:crypto";
import { own } from "../../api/record.ts";
import { offlineOutcomes } from "../../discovery/discover.ts";
import { askedOnce, type Discover } from "../../discovery/once.ts";
import { loadInputs, ofKind } from "../../renderer/load/load.ts";
import { replayedOutcomes } from "../../renderer/replay.ts";
import { openDiscovery } from "../sources/ports.ts";
import type { RenderRun } from "./job.ts";

/** Where the answers of sources come from, until closed. */
export interface Answers {
  readonly discover: Discover;
  readonly close: () => Promise<void>;
}

/** Answers from a recorded file, from nowhere, or from the sources themselves, each distinct one asked once a run. */
export async function openAnswers(run: RenderRun, secrets: readonly unknown[]): Promise<Answers> {
  const { flags, context, memo } = run;
  const close = async () => {};
  if (flags.offline) return { discover: async (policy) => offlineOutcomes(policy), close };
  if (flags.discovered !== undefined)
    return { discover: await recorded(flags.discovered, run), close };
  const discovery = await openDiscovery(flags, secrets, context);
  const discover = askedOnce(discovery.discover, memo, (name) => secretKey(name, secrets));
  return { discover, close: discovery.close };
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
