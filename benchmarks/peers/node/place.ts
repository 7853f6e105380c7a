import { readFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { join } from "node:path";

/** What a peer is started with, as JSON in its first argument. */
interface Place {
  readonly port: number;
  readonly healthPort: number;
  /** The folder with `tls.crt` and `tls.key`. */
  readonly certificates: string;
  readonly crds: string;
}

/** Where this peer is to serve. */
export function place(): Place {
  return JSON.parse(process.argv[2] ?? "");
}

/** Serves over HTTPS, and answers every request to the plain port with 200 from then on. */
export function serve({ port, healthPort, certificates }: Place, listener: RequestListener): void {
  const cert = readFileSync(join(certificates, "tls.crt"));
  const key = readFileSync(join(certificates, "tls.key"));
  const options = { cert, key, minVersion: "TLSv1.3", keepAliveTimeout: 120_000 } as const;
  createSecureServer(options, listener).listen(port, "127.0.0.1", () => {
    createServer((_request, response) => response.end("ok\n")).listen(healthPort, "127.0.0.1");
  });
}
