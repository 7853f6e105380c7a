import { createHash } from "node:crypto";
import type { ServerResponse } from "node:http";
import { type FaultServer, faultServer, json } from "../../runtime/fault-server.ts";
import { architecture } from "../../support/images.ts";

/** Registries in trouble, of the kinds that the real one cannot be made to be; end each of them. */
export type Troubled = Readonly<Record<keyof typeof troubles, FaultServer>>;

let kinds = 0;

const troubles = {
  /** Too many requests, as Docker Hub says it. */
  busy: answering(429, "TOOMANYREQUESTS", "You have reached your pull rate limit."),
  broken: answering(500, "UNKNOWN", "unknown error"),
  overloaded: answering(503, "UNAVAILABLE", "service unavailable"),
  forbidding: answering(403, "DENIED", "requested access to the resource is denied"),
  /** A page for people where a registry is expected. */
  page: (response: ServerResponse) =>
    response.writeHead(200, { "content-type": "text/html" }).end("<html></html>"),
  reset: (response: ServerResponse) => response.socket?.resetAndDestroy(),
  silent: () => undefined,
  /** An image whose layer ends early. */
  cut: withLayer((response) => {
    response.writeHead(200, { "content-length": 4096 });
    response.write("only a little", () => response.socket?.destroy());
  }),
  /** An image whose layer has other bytes than its digest says. */
  changed: withLayer((response) => response.end(Buffer.alloc(4096, "x"))),
  busylayer: withLayer(answering(429, "TOOMANYREQUESTS", "You have reached your pull rate limit.")),
  gonelayer: withLayer(answering(404, "BLOB_UNKNOWN", "blob unknown to registry")),
} as const;

export async function startTroubled(): Promise<Troubled> {
  const start = (handler: Trouble) =>
    faultServer(({ path }, response) => void handler(response, path.split("?")[0] ?? ""));
  return {
    busy: await start(troubles.busy),
    broken: await start(troubles.broken),
    overloaded: await start(troubles.overloaded),
    forbidding: await start(troubles.forbidding),
    page: await start(troubles.page),
    reset: await start(troubles.reset),
    cut: await start(troubles.cut),
    changed: await start(troubles.changed),
    busylayer: await start(troubles.busylayer),
    gonelayer: await start(troubles.gonelayer),
    silent: await start(troubles.silent),
  };
}

type Trouble = (response: ServerResponse, path: string) => unknown;

function answering(status: number, code: string, message: string): Trouble {
  return (response) => json(response, { errors: [{ code, message, detail: null }] }, status);
}

const manifestType = "application/vnd.oci.image.manifest.v1+json";

/** The one image of a repository that has trouble with its one layer. */
interface Single {
  readonly layer: Buffer;
  readonly config: Buffer;
  readonly manifest: Buffer;
}

/** A layer of each repository's own, for containerd keeps what came of one for the next that wants it. */
function imageOf(repository: string, kind: number): Single {
  const layer = Buffer.alloc(4096, `${kind} ${repository} `);
  const config = Buffer.from(
    JSON.stringify({
      architecture,
      os: "linux",
      config: {},
      rootfs: { type: "layers", diff_ids: [digestOf(layer)] },
    }),
  );
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: manifestType,
      config: describe("application/vnd.oci.image.config.v1+json", config),
      layers: [describe("application/vnd.oci.image.layer.v1.tar", layer)],
    }),
  );
  return { layer, config, manifest };
}

/** A registry whose only trouble is with layers. */
function withLayer(serveLayer: Trouble): Trouble {
  const kind = kinds++;
  return (response, path) => {
    const repository = /^\/v2\/(.+)\/(?:manifests|blobs)\//.exec(path)?.[1] ?? "";
    const { layer, config, manifest } = imageOf(repository, kind);
    if (path.endsWith(digestOf(layer))) return serveLayer(response, path);
    const body = path.includes("/manifests/") ? manifest : config;
    const headers = {
      "content-type": body === manifest ? manifestType : "application/octet-stream",
      "docker-content-digest": digestOf(body),
      "content-length": body.length,
    };
    return response.writeHead(200, headers).end(body);
  };
}

function describe(mediaType: string, body: Buffer) {
  return { mediaType, digest: digestOf(body), size: body.length };
}

function digestOf(body: Buffer): string {
  return `sha256:${createHash("sha256").update(body).digest("hex")}`;
}
