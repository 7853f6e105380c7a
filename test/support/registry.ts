import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Certificate, makeCertificate } from "./certificate.ts";
import { startChild } from "./child.ts";
import { type Credentials, testCredentials, testPasswordHash } from "./credentials.ts";
import { makeFastFolder } from "./folder.ts";
import { startTokenService, type TokenService } from "./token-service.ts";
import type { ToolName } from "./tool-table.ts";
import { tool } from "./tools.ts";

/** A real registry on loopback with a storage of its own. */
export interface Registry {
  /** "127.0.0.1:PORT", as in an image reference. */
  readonly host: string;
  /** "http://127.0.0.1:PORT", or https with `tls`. */
  readonly url: string;
  /** The account it knows, where it asks for one. */
  readonly credentials: Credentials | undefined;
  /** PEM of the private authority that signed its certificate, with `tls`. */
  readonly caPem: string | undefined;
  /** Its token service, with `auth: "token"`: what it was asked. */
  readonly tokens: TokenService | undefined;
  /** The folder that it keeps everything in. */
  readonly storage: string;
  stop(): Promise<void>;
}

export interface RegistryOptions {
  /** "basic" knows the test account only; "token" lets anybody pull what is under `public/`. */
  readonly auth?: "basic" | "token";
  readonly tls?: boolean;
}

/** Starts distribution 3, which pages lists with `n`, `last` and `Link`. */
export function startDistribution(options: RegistryOptions = {}): Promise<Registry> {
  return start("registry", options);
}

/** Starts docker-registry 2.8, which answers every list whole, unsorted, and ignores `n` and `last`. */
export function startDockerRegistry(options: Pick<RegistryOptions, "tls"> = {}): Promise<Registry> {
  return start("docker-registry", options);
}

async function start(name: ToolName, { auth, tls = false }: RegistryOptions): Promise<Registry> {
  const folder = await makeFastFolder("registry");
  const certificate = tls ? await makeCertificate(folder.path) : undefined;
  const tokens = auth === "token" ? await startTokenService(certificate) : undefined;
  async function clean(): Promise<void> {
    await tokens?.stop();
    await folder.remove();
  }
  try {
    const configuration = await configure(folder.path, { auth, certificate, tokens });
    const child = await startChild({
      command: await tool(name),
      args: ["serve", configuration],
      // Version 3 would otherwise send traces to a collector that is not there.
      env: { PATH: process.env["PATH"], HOME: folder.path, OTEL_TRACES_EXPORTER: "none" },
      ready: (output) => addressIn(output) !== undefined,
    });
    const host = addressIn(child.output()) ?? "";
    return {
      host,
      url: `${tls ? "https" : "http"}://${host}`,
      credentials: auth === undefined ? undefined : testCredentials,
      caPem: certificate?.caPem,
      tokens,
      storage: join(folder.path, "storage"),
      async stop() {
        await child.stop();
        await clean();
      },
    };
  } catch (error) {
    await clean();
    throw error;
  }
}

/** It binds a port that the system chooses, and says which: no port can be taken in between. */
function addressIn(output: string): string | undefined {
  return /listening on (127\.0\.0\.1:\d+)/.exec(output)?.[1];
}

interface Setting {
  readonly auth: RegistryOptions["auth"];
  readonly certificate: Certificate | undefined;
  readonly tokens: TokenService | undefined;
}

/** Writes the configuration, JSON being YAML, and the files it names; gives its path. */
async function configure(folder: string, { auth, certificate, tokens }: Setting): Promise<string> {
  const storage = join(folder, "storage");
  await mkdir(storage);
  const tls = certificate && { certificate: certificate.certPath, key: certificate.keyPath };
  const http = { addr: "127.0.0.1:0", secret: "drop-test", ...(tls && { tls }) };
  const access = tokens ? await tokenAuth(folder, tokens) : await basicAuth(folder, auth);
  const configuration = {
    version: "0.1",
    log: { level: "info", accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: storage }, delete: { enabled: true } },
    http,
    ...(access && { auth: access }),
  };
  const path = join(folder, "config.yml");
  await writeFile(path, JSON.stringify(configuration));
  return path;
}

async function basicAuth(folder: string, auth: RegistryOptions["auth"]) {
  if (auth !== "basic") return undefined;
  const path = join(folder, "htpasswd");
  await writeFile(path, `${testCredentials.username}:${testPasswordHash}\n`);
  return { htpasswd: { realm: "drop-test", path } };
}

async function tokenAuth(folder: string, { realm, issuer, service, keys }: TokenService) {
  const jwks = join(folder, "jwks.json");
  await writeFile(jwks, keys);
  return { token: { realm, issuer, service, jwks } };
}
