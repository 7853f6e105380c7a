import { join } from "node:path";
import { own } from "../../src/api/record.ts";
import { run } from "../support/child.ts";
import { makeFolder } from "../support/folder.ts";

const MODULE = "github.com/cert-manager/cert-manager@v1.21.2";

/**
 * The files with the CRDs of cert-manager's Issuer and Certificate, out of its Go module; undefined, loudly, where
 * that cannot be had. With CI=true that is an error.
 */
export async function certManagerCrds(): Promise<readonly string[] | undefined> {
  const { path: cwd, remove } = await makeFolder("cert-manager");
  const { code, stdout, stderr } = await run("go", ["mod", "download", "-json", MODULE], {
    cwd,
    env: { ...process.env, GOFLAGS: "-mod=mod", GOWORK: "off" },
    withinMs: 5 * 60_000,
  });
  await remove();
  const folder: unknown = code === 0 ? own(JSON.parse(stdout), "Dir") : undefined;
  if (typeof folder === "string") {
    return ["issuers", "certificates"].map((kind) =>
      join(folder, "deploy", "crds", `cert-manager.io_${kind}.yaml`),
    );
  }
  const reason = `${MODULE} cannot be downloaded with Go: ${stderr.trim()}`;
  if (process.env["CI"] === "true") throw new Error(reason);
  process.stderr.write(`SKIPPED: cert-manager's objects, as ${reason}\n`);
  return undefined;
}
