import { createHash } from "node:crypto";
import { basic, type Credentials } from "./credentials.ts";
import { type Answer, ask } from "./http.ts";
import { inParallel } from "./parallel.ts";
import type { Registry } from "./registry.ts";

const manifestType = "application/vnd.oci.image.manifest.v1+json";
const configType = "application/vnd.oci.image.config.v1+json";
const layerType = "application/vnd.oci.image.layer.v1.tar";

/** Puts one small image under each tag over the registry's own API, thousands in seconds; gives its digest. */
export async function pushTags(
  registry: Registry,
  repository: string,
  tags: readonly string[],
  credentials: Credentials | undefined = registry.credentials,
): Promise<string> {
  const talk = await speaker({ registry, repository, credentials });
  // An empty tar archive: two blocks of zeros. The repository's name makes each image one of its own.
  const layer = Buffer.alloc(1024);
  const config = JSON.stringify({
    architecture: "amd64",
    os: "linux",
    config: { Labels: { repository } },
    rootfs: { type: "layers", diff_ids: [digestOf(layer)] },
  });
  await pushBlob(talk, layer);
  await pushBlob(talk, config);
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: manifestType,
    config: descriptor(configType, config),
    layers: [descriptor(layerType, layer)],
  });
  const headers = { "content-type": manifestType };
  await inParallel(tags, 8, async (tag) => {
    expectCreated(await talk(`manifests/${tag}`, { method: "PUT", headers, body: manifest }));
  });
  return digestOf(manifest);
}

interface Spoken {
  readonly method: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** Asks the registry about one repository: a path under it, or an absolute URL. */
type Talk = (path: string, spoken: Spoken) => Promise<Answer>;

interface Conversation {
  readonly registry: Registry;
  readonly repository: string;
  readonly credentials: Credentials | undefined;
}

async function speaker(conversation: Conversation): Promise<Talk> {
  const { registry, repository } = conversation;
  const authorization = await authorize(conversation);
  return (path, { method, headers, body = "" }) => {
    const url = new URL(path, `${registry.url}/v2/${repository}/`).href;
    const all = { ...headers, ...(authorization && { authorization }) };
    return ask(url, { method, headers: all, body, caPem: registry.caPem });
  };
}

/** Does what the registry's challenge asks for: nothing, Basic, or a token for pushing. */
async function authorize(conversation: Conversation): Promise<string | undefined> {
  const { registry, repository, credentials } = conversation;
  const { caPem } = registry;
  const { headers } = await ask(`${registry.url}/v2/`, { caPem });
  const challenge = headers["www-authenticate"] ?? "";
  const own = credentials && basic(credentials);
  const realm = /^Bearer realm="([^"]+)"/.exec(challenge)?.[1];
  if (realm === undefined) return own;
  const url = new URL(realm);
  url.searchParams.set("service", /service="([^"]+)"/.exec(challenge)?.[1] ?? "");
  url.searchParams.set("scope", `repository:${repository}:pull,push`);
  const answer = await ask(url.href, { headers: own ? { authorization: own } : {}, caPem });
  return `Bearer ${JSON.parse(answer.body).token}`;
}

async function pushBlob(talk: Talk, body: string | Uint8Array): Promise<void> {
  const begun = await talk("blobs/uploads/", { method: "POST" });
  const url = new URL(begun.headers.location ?? refuse(begun));
  url.searchParams.set("digest", digestOf(body));
  const headers = { "content-type": "application/octet-stream" };
  expectCreated(await talk(url.href, { method: "PUT", headers, body }));
}

function expectCreated(answer: Answer): void {
  if (answer.status !== 201) refuse(answer);
}

function refuse({ status, body }: Answer): never {
  throw new Error(`the registry refused the push with ${status}: ${body}`);
}

function descriptor(mediaType: string, body: string | Uint8Array) {
  return { mediaType, digest: digestOf(body), size: Buffer.byteLength(body) };
}

function digestOf(body: string | Uint8Array): string {
  return `sha256:${createHash("sha256").update(body).digest("hex")}`;
}
