import { faultServer } from "../../runtime/fault-server.ts";
import type { Cluster } from "../../support/cluster.ts";
import type { Upstream } from "../../support/containerd.ts";
import { foreignArchitecture, pushImage, scratchImage } from "../../support/images.ts";
import type { Pull } from "../../support/pull-pods.ts";
import { type Registry, startDistribution } from "../../support/registry.ts";
import { startTroubled } from "./troubled.ts";

/** A pull that fails in a way of its own. */
export interface Case {
  readonly name: string;
  /** METHOD in it stands for the way of the pull. */
  readonly reference: string;
  readonly pullPolicy?: Pull["pullPolicy"];
  readonly secret?: "right" | "wrong";
  /** What the Pod runs to have the image pulled, where that is what fails. */
  readonly toolImage?: string;
  /** It takes half a minute or more. */
  readonly isSlow?: true;
}

const absent = `sha256:${"0".repeat(64)}`;

/** Each host stands for a registry in a state of its own. */
export const cases: readonly Case[] = [
  { name: "missing tag", reference: "registry.example.com/team/app:none" },
  { name: "missing repository", reference: "registry.example.com/team/none:1" },
  { name: "missing digest", reference: `registry.example.com/team/app@${absent}` },
  { name: "no login", reference: "private.example.com/team/app:1" },
  { name: "wrong password", reference: "private.example.com/team/app:1", secret: "wrong" },
  { name: "token without the right", reference: "tokens.example.com/team/app:1" },
  { name: "token refused", reference: "tokens.example.com/team/app:1", secret: "wrong" },
  { name: "403", reference: "forbidding.example.com/team/app:1" },
  { name: "429", reference: "busy.example.com/team/app:1" },
  { name: "500", reference: "broken.example.com/team/app:1" },
  { name: "503", reference: "overloaded.example.com/team/app:1" },
  { name: "a web page", reference: "page.example.com/team/app:1" },
  { name: "connection reset", reference: "reset.example.com/team/app:1" },
  { name: "no answer", reference: "silent.example.com/team/app:1", isSlow: true },
  { name: "layer cut short", reference: "cut.example.com/METHOD/app:1" },
  { name: "layer changed", reference: "changed.example.com/METHOD/app:1" },
  { name: "429 for a layer", reference: "busylayer.example.com/METHOD/app:1" },
  { name: "404 for a layer", reference: "gonelayer.example.com/METHOD/app:1" },
  { name: "connection refused", reference: "dead.example.com/team/app:1" },
  { name: "unknown authority", reference: "tls.example.com/team/app:1" },
  { name: "http where https was asked", reference: "plain.example.com/team/app:1" },
  { name: "unknown host", reference: "nowhere.invalid/team/app:1" },
  { name: "foreign architecture in an index", reference: "registry.example.com/foreign/index:1" },
  { name: "foreign architecture alone", reference: "registry.example.com/foreign/single:1" },
  { name: "never", reference: "registry.example.com/team/other:1", pullPolicy: "Never" },
  {
    name: "never by digest",
    reference: `registry.example.com/team/app@${absent}`,
    pullPolicy: "Never",
  },
  {
    name: "present, pulled with a secret that this Pod has not",
    reference: "private.example.com/team/known:1",
  },
  {
    name: "never, present, pulled with a secret that this Pod has not",
    reference: "private.example.com/team/known:1",
    pullPolicy: "Never",
  },
  {
    name: "missing tool image",
    reference: "registry.example.com/team/app:1",
    toolImage: "registry.example.com/team/tool:none",
  },
  { name: "capital letters", reference: "registry.example.com/Team/App:1" },
  { name: "bad tag", reference: "registry.example.com/team/app:a b" },
];

/** Starts what the hosts of the cases stand for, and makes every node find it; gives what ends it all. */
export async function startHosts({ registry, nodes }: Cluster): Promise<() => Promise<void>> {
  await pushImage(registry, "team/app", ["1"], scratchImage("content"));
  await pushImage(registry, "team/other", ["1"], scratchImage("other"));
  const foreign = { ...scratchImage("foreign"), architectures: [foreignArchitecture] };
  await pushImage(registry, "foreign/index", ["1"], { ...foreign, index: true });
  await pushImage(registry, "foreign/single", ["1"], foreign);
  const closing = await faultServer(() => undefined);
  await closing[Symbol.asyncDispose]();
  const troubled = await startTroubled();
  const own = {
    private: await startDistribution({ auth: "basic" }),
    tokens: await startDistribution({ auth: "token" }),
    tls: await startDistribution({ tls: true }),
  };
  await pushImage(own.private, "team/known", ["1"], scratchImage("known"));
  const upstreams: Readonly<Record<string, Upstream>> = {
    ...troubled,
    registry,
    private: own.private,
    tokens: own.tokens,
    tls: { url: own.tls.url },
    plain: { url: registry.url.replace("http:", "https:") },
    dead: closing,
  };
  for (const { containerd } of nodes)
    for (const [name, { url }] of Object.entries(upstreams))
      await containerd.addRegistry(`${name}.example.com`, { url });
  return async () => {
    for (const server of Object.values<Registry>(own)) await server.stop();
    for (const server of Object.values(troubled)) await server[Symbol.asyncDispose]();
  };
}
