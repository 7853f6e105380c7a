import { mkdir, rename, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createAuthority, issue } from "../../src/webhook/authority.ts";
import type { PairTexts } from "../../src/webhook/certificate.ts";

const HOUR_MS = 3_600_000;

export interface MadePair extends PairTexts {
  readonly caPem: string;
}

/** A pair for localhost with an authority of its own, valid for an hour from `now` on, less 5 minutes' backdating. */
export async function makePair(now = Date.now()): Promise<MadePair> {
  const authority = await createAuthority({ now, lifeMs: HOUR_MS });
  const pair = await issue(authority, { dnsNames: ["localhost"], now, lifeMs: HOUR_MS });
  return { ...pair, caPem: authority.certPem };
}

/** Writes a pair as plain files. */
export async function writePair(folder: string, { certPem, keyPem }: PairTexts): Promise<void> {
  await writeFile(join(folder, "tls.crt"), certPem);
  await writeFile(join(folder, "tls.key"), keyPem);
}

let versions = 0;

/** Writes a pair as kubelet does: into a new folder that a symlink is swapped to, files being links through it. */
export async function mountPair(folder: string, pair: PairTexts): Promise<void> {
  const version = `..version-${versions++}`;
  await mkdir(join(folder, version));
  await writePair(join(folder, version), pair);
  await symlink(version, join(folder, "..data_tmp"));
  await rename(join(folder, "..data_tmp"), join(folder, "..data"));
  for (const name of ["tls.crt", "tls.key"]) {
    await symlink(join("..data", name), join(folder, name)).catch(() => undefined);
  }
}
