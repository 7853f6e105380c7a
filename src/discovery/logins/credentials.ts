import type { TlsMaterial } from "../../runtime/http-pool.ts";
import { SecretValue } from "../../runtime/secret-value.ts";
import {
  type FoundSecret,
  isCiphertext,
  type SecretKeys,
  type SecretReader,
} from "../secrets/secret.ts";
import { SourceError, unusable } from "../source-error.ts";
import { addressRefusal } from "./allowed-hosts.ts";
import { dockerLogin } from "./docker-config.ts";
import type { Login } from "./login.ts";

/** What a Secret gives a source. */
export interface Credentials {
  readonly login?: Login;
  /** Why they may not be sent to an address, undefined when they may; without it they may go to any. */
  readonly refusal?: (url: URL) => SourceError | undefined;
  /** Further headers, by lower-case name. */
  readonly headers: ReadonlyMap<string, SecretValue>;
  readonly tls: TlsMaterial;
}

/** Of a source without a Secret. */
export const NO_CREDENTIALS: Credentials = { headers: new Map(), tls: {} };

/** Which Secret is read, and for what. */
export interface CredentialsFor {
  readonly secretName: string;
  /** As the policy writes it, which is how a Docker configuration lists logins. */
  readonly host: string;
  /** Where requests go. */
  readonly url: URL;
  readonly signal: AbortSignal;
}

const EXPECTED =
  '"token", "username" and "password", ".dockerconfigjson", "headers.<Name>", "ca.crt", or "tls.crt" and "tls.key"';

/** Reads a source's Secret; one that is missing or unusable is an error of that source. */
export async function readCredentials(
  reader: SecretReader,
  { secretName, host, url, signal }: CredentialsFor,
): Promise<Credentials> {
  const secret = await readSecret(reader, secretName, signal);
  if (secret === undefined) {
    throw unusable(`the Secret ${secretName} was not found`, `create it with the keys ${EXPECTED}`);
  }
  const refusal = addressRefusal(secret, secretName);
  const refused = refusal(url);
  if (refused !== undefined) throw refused;
  return { ...credentialsFrom(secret.keys, secretName, host), refusal };
}

/** The credentials in a Secret's keys for one host. Pure, but for the error. */
export function credentialsFrom(keys: SecretKeys, secretName: string, host: string): Credentials {
  refuseCiphertext(keys, secretName);
  const login = loginFrom(keys, secretName, host);
  const headers = headersFrom(keys, secretName);
  const tls = tlsFrom(keys, secretName);
  if (login === undefined && headers.size === 0 && Object.keys(tls).length === 0) {
    throw unusable(
      `the Secret ${secretName} has no key that a source reads`,
      `give it ${EXPECTED}`,
    );
  }
  return { headers, tls, ...(login !== undefined && { login }) };
}

/** Sent as it is, ciphertext would only look like a wrong login. */
function refuseCiphertext(keys: SecretKeys, secretName: string): void {
  const found = [...keys].find(([, value]) => isCiphertext(value.reveal()));
  if (found === undefined) return;
  const message = `the key "${found[0]}" of the Secret ${secretName} is encrypted with SOPS`;
  throw unusable(message, "decrypt it first, with sops -d");
}

async function readSecret(
  reader: SecretReader,
  secretName: string,
  signal: AbortSignal,
): Promise<FoundSecret | undefined> {
  try {
    return await reader.read(secretName, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof SourceError) throw error;
    if (isExplained(error)) throw unusable(error.message, error.fix, error);
    const message = `the Secret ${secretName} could not be read`;
    throw unusable(message, "check that it may be read, and that its store answers", error);
  }
}

/** Drop's own errors carry a correction, and quote nothing secret; any other error's text might. */
function isExplained(error: unknown): error is Error & { readonly fix: string } {
  return error instanceof Error && "fix" in error && typeof error.fix === "string";
}

function loginFrom(keys: SecretKeys, secretName: string, host: string): Login | undefined {
  const token = oneLine(keys.get("token"));
  if (token !== undefined) return { kind: "token", token };
  const username = oneLine(keys.get("username"));
  const password = oneLine(keys.get("password"));
  if (username !== undefined && password !== undefined)
    return { kind: "basic", username, password };
  if (username !== undefined || password !== undefined) {
    const lacking = username === undefined ? "username" : "password";
    throw unusable(`the Secret ${secretName} lacks the key "${lacking}"`, `add "${lacking}"`);
  }
  const config = keys.get(".dockerconfigjson");
  return config === undefined ? undefined : dockerLogin(config, { secretName, host });
}

/** Files and editors end with a line break that is no part of a secret. */
function oneLine(value: SecretValue | undefined): SecretValue | undefined {
  if (value === undefined) return undefined;
  const text = value.reveal().replace(/\r?\n$/, "");
  return text === "" ? undefined : new SecretValue(text);
}

const HEADER_PREFIX = "headers.";
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** What the client itself says about a request; another word on it would corrupt the exchange. */
const RESERVED: ReadonlySet<string> = new Set([
  "accept-encoding",
  "connection",
  "content-length",
  "expect",
  "host",
  "keep-alive",
  "proxy-authorization",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

function headersFrom(keys: SecretKeys, secretName: string): ReadonlyMap<string, SecretValue> {
  const headers = new Map<string, SecretValue>();
  for (const [key, value] of keys) {
    if (!key.startsWith(HEADER_PREFIX)) continue;
    const name = key.slice(HEADER_PREFIX.length).toLowerCase();
    if (!HEADER_NAME.test(name) || RESERVED.has(name)) {
      const message = `the Secret ${secretName} has the key ${JSON.stringify(key)}, which names no header that can be set`;
      throw unusable(message, 'write one such as "headers.X-Scope-OrgID"');
    }
    const text = oneLine(value);
    if (text !== undefined) headers.set(name, text);
  }
  return headers;
}

function tlsFrom(keys: SecretKeys, secretName: string): TlsMaterial {
  const ca = pemFrom(keys, "ca.crt", secretName);
  const cert = pemFrom(keys, "tls.crt", secretName);
  const key = pemFrom(keys, "tls.key", secretName);
  if ((cert === undefined) !== (key === undefined)) {
    const lacking = cert === undefined ? "tls.crt" : "tls.key";
    throw unusable(`the Secret ${secretName} lacks the key "${lacking}"`, `add "${lacking}"`);
  }
  return {
    ...(ca !== undefined && { ca: ca.reveal() }),
    ...(cert !== undefined && { cert: cert.reveal() }),
    ...(key !== undefined && { key }),
  };
}

function pemFrom(keys: SecretKeys, key: string, secretName: string): SecretValue | undefined {
  const value = keys.get(key);
  // cert-manager writes an empty ca.crt where it knows no authority.
  if (value === undefined || value.byteLength === 0) return undefined;
  if (value.reveal().includes("-----BEGIN ")) return value;
  const message = `the key "${key}" of the Secret ${secretName} holds no PEM`;
  throw unusable(message, 'store the file that begins with "-----BEGIN", without further encoding');
}
