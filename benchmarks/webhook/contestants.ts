import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { run } from "../../test/support/child.ts";
import { projectFolder } from "../../test/support/drop.ts";
import { cacheFolder, lastLines } from "../../test/support/go-build.ts";
import type { Command } from "../measure.ts";

/** Where a webhook is to serve, with whose certificate. */
export interface Place {
  readonly port: number;
  readonly healthPort: number;
  /** The folder with `tls.crt`, `tls.key` and `ca.crt`. */
  readonly certificates: string;
}

/** A webhook that is measured. */
export interface Contestant {
  readonly name: string;
  readonly command: (place: Place) => Command;
  /** It allows everything. */
  readonly isBlind?: true;
}

const crds = join(projectFolder, "crds");
const peers = join(import.meta.dirname, "..", "peers");

/** Drop as users run it, then its peers; everything is built first, Node's peers with the bundler that Drop uses. */
export async function contestants(folder: string): Promise<readonly Contestant[]> {
  const [https, express] = await bundlePeers(folder);
  const go = await buildGoPeer();
  return [
    dropContestant,
    { name: "node:https + ajv", command: nodeCommand(https) },
    { name: "express + ajv", command: nodeCommand(express) },
    { name: "controller-runtime", command: goCommand(go, []) },
    {
      name: "controller-runtime, allowing all",
      command: goCommand(go, ["-allow-all"]),
      isBlind: true,
    },
  ];
}

/** Drop itself, which must have been built. */
export const dropContestant: Contestant = { name: "drop", command: dropCommand };

function dropCommand({ port, healthPort, certificates }: Place): Command {
  return [
    ...([process.execPath, join(projectFolder, "dist", "drop.js"), "webhook"] as const),
    ...["--host", "127.0.0.1", "--port", String(port), "--health-port", String(healthPort)],
    ...["--tls-cert-file", join(certificates, "tls.crt")],
    ...["--tls-key-file", join(certificates, "tls.key")],
  ];
}

async function bundlePeers(folder: string): Promise<readonly [string, string]> {
  const names = ["https", "express"] as const;
  await build({
    entryPoints: names.map((name) => join(peers, "node", `${name}.ts`)),
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    ...{ bundle: true, format: "esm", platform: "node", target: "node22.19" },
    ...{ minifySyntax: true, minifyWhitespace: true, logLevel: "error" },
    banner: {
      js: 'import{createRequire as peerRequire}from"node:module";const require=peerRequire(import.meta.url);',
    },
  });
  const [https, express] = names.map((name) => join(folder, `${name}.mjs`));
  return [https ?? "", express ?? ""];
}

function nodeCommand(program: string): Contestant["command"] {
  return (place) => [process.execPath, program, JSON.stringify({ ...place, crds })];
}

/** Builds the webhook of controller-runtime: in seconds, the first time some minutes. */
async function buildGoPeer(): Promise<string> {
  const output = join(cacheFolder(), "bin", "controller-runtime-webhook");
  mkdirSync(join(output, ".."), { recursive: true });
  const args = ["build", "-mod=readonly", "-trimpath", "-ldflags", "-s -w", "-o", output, "."];
  const built = await run("go", args, {
    cwd: join(peers, "controller-runtime"),
    env: { ...process.env, CGO_ENABLED: "0", GOWORK: "off" },
    withinMs: 30 * 60_000,
  });
  if (built.code !== 0)
    throw new Error(`the peer in Go cannot be built: ${lastLines(built.stderr)}`);
  return output;
}

function goCommand(program: string, more: readonly string[]): Contestant["command"] {
  return ({ port, healthPort, certificates }) => [
    ...([program, "-host", "127.0.0.1", "-port", String(port)] as const),
    ...["-health", `127.0.0.1:${healthPort}`, "-cert-dir", certificates, "-crds", crds, ...more],
  ];
}
