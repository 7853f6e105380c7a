import { generateKeyPairSync, type KeyObject, randomUUID, sign } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { Certificate } from "./certificate.ts";
import { basic, testCredentials } from "./credentials.ts";

/** One request for a token, as the service saw it. */
export interface TokenRequest {
  readonly service: string;
  /** As sent: "repository:public/app:pull". */
  readonly scopes: readonly string[];
  /** The account that logged in; undefined for an anonymous request. */
  readonly account: string | undefined;
  /** 200, or 401 for a wrong login. */
  readonly status: number;
}

/** The token service of a registry, as the distribution project specifies it. */
export interface TokenService {
  readonly realm: string;
  readonly issuer: string;
  readonly service: string;
  /** The JSON Web Key Set with which the registry checks what this service signs. */
  readonly keys: string;
  /** Every request so far, oldest first. */
  readonly requests: readonly TokenRequest[];
  stop(): Promise<void>;
}

interface Access {
  readonly type: string;
  readonly name: string;
  readonly actions: readonly string[];
}

const issuer = "drop-test-issuer";
const service = "drop-test-registry";
const keyId = "drop-test-key";
const lifeSeconds = 300;

/** Anonymous people may pull what is under `public/`; the test account may do everything. */
export async function startTokenService(certificate?: Certificate): Promise<TokenService> {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const requests: TokenRequest[] = [];
  function answer(request: IncomingMessage, response: ServerResponse): void {
    const seen = readRequest(request);
    requests.push(seen);
    const body = seen.status === 200 ? grant(seen, privateKey) : { details: "wrong login" };
    response.writeHead(seen.status, { "content-type": "application/json" });
    response.end(JSON.stringify(body));
  }
  const server =
    certificate === undefined
      ? createServer(answer)
      : createTlsServer({ cert: certificate.certPem, key: certificate.keyPem }, answer);
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const scheme = certificate === undefined ? "http" : "https";
  const key = { ...publicKey.export({ format: "jwk" }), kid: keyId, use: "sig", alg: "RS256" };
  return {
    realm: `${scheme}://127.0.0.1:${port}/token`,
    issuer,
    service,
    keys: JSON.stringify({ keys: [key] }),
    requests,
    async stop() {
      if (!server.listening) return;
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

function readRequest({ url = "/", headers }: IncomingMessage): TokenRequest {
  const query = new URL(url, "http://127.0.0.1").searchParams;
  const known = headers.authorization === basic(testCredentials);
  return {
    service: query.get("service") ?? "",
    scopes: query.getAll("scope").flatMap((scope) => scope.split(" ")),
    account: known ? testCredentials.username : undefined,
    status: known || headers.authorization === undefined ? 200 : 401,
  };
}

function grant({ account, scopes, service: audience }: TokenRequest, key: KeyObject): object {
  const now = Math.floor(Date.now() / 1000);
  const access = scopes.map(parseScope).map((wanted) => permitted(wanted, account));
  const claims = {
    iss: issuer,
    sub: account ?? "",
    aud: audience,
    exp: now + lifeSeconds,
    nbf: now - 10,
    iat: now,
    jti: randomUUID(),
    access: access.filter(({ actions }) => actions.length > 0),
  };
  const token = signed(claims, key);
  return {
    token,
    access_token: token,
    expires_in: lifeSeconds,
    issued_at: new Date().toISOString(),
  };
}

/** A scope is "type:name:action,action"; only the name may hold colons. */
function parseScope(scope: string): Access {
  const parts = scope.split(":");
  const actions = (parts.at(-1) ?? "").split(",");
  return { type: parts[0] ?? "", name: parts.slice(1, -1).join(":"), actions };
}

function permitted(wanted: Access, account: string | undefined): Access {
  if (account !== undefined) return wanted;
  const open = wanted.type === "repository" && wanted.name.startsWith("public/");
  return { ...wanted, actions: open ? wanted.actions.filter((action) => action === "pull") : [] };
}

function signed(claims: object, key: KeyObject): string {
  const header = { typ: "JWT", alg: "RS256", kid: keyId };
  const content = [header, claims].map((part) => encode(JSON.stringify(part))).join(".");
  return `${content}.${encode(sign("RSA-SHA256", Buffer.from(content), key))}`;
}

function encode(bytes: string | Buffer): string {
  return Buffer.from(bytes).toString("base64url");
}
