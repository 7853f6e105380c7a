import type { RequestListener } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Certificate } from "../support/certificate.ts";

/** An HTTPS server on loopback whose certificate can change. */
export interface SecureServer {
  readonly url: string;
  answered(): number;
  /** For new connections; those there are end. */
  change(certificate: Certificate): void;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts one; `await using` ends it. */
export async function secureServer(
  { certPem: cert, keyPem: key }: Certificate,
  handler: RequestListener,
): Promise<SecureServer> {
  let answered = 0;
  const server = createServer({ cert, key }, (request, response) => {
    answered++;
    handler(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `https://127.0.0.1:${port}`,
    answered: () => answered,
    change(next) {
      server.setSecureContext({ cert: next.certPem, key: next.keyPem });
      server.closeAllConnections();
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
