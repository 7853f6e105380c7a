import { isRecord, own } from "../../api/record.ts";
import { SecretValue } from "../../runtime/secret-value.ts";
import type { Login } from "./login.ts";

/** What a Docker configuration says about one host. */
export type DockerEntry =
  | { readonly kind: "login"; readonly login: Login }
  /** An entry that holds no login, as `docker login` leaves where a credential store has it. */
  | { readonly kind: "empty" }
  | { readonly kind: "none" };

const HUB = "docker.io";
const HUB_HOSTS: ReadonlySet<string> = new Set([HUB, "index.docker.io", "registry-1.docker.io"]);

/** The entry of a host in the field `auths` of a Docker configuration. */
export function dockerEntry(config: unknown, host: string): DockerEntry {
  const found = entryOf(own(config, "auths"), host);
  if (found === undefined) return { kind: "none" };
  const login = loginOf(found);
  return login === undefined ? { kind: "empty" } : { kind: "login", login };
}

/** The value under a host's key in a mapping; keys may be hosts or, as Docker Hub's, URLs. */
export function entryOf(mapping: unknown, host: string): unknown {
  if (!isRecord(mapping)) return undefined;
  const wanted = canonicalHost(host);
  const key = Object.keys(mapping)
    .sort()
    .find((candidate) => canonicalHost(candidate) === wanted);
  return key === undefined ? undefined : own(mapping, key);
}

/** A host as Docker knows it: without scheme and path, Docker Hub by one of its names. */
export function canonicalHost(key: string): string {
  const host = (key.replace(/^https?:\/\//i, "").split("/")[0] ?? "").toLowerCase();
  return HUB_HOSTS.has(host) ? HUB : host;
}

/** JSON's own error would quote the text: undefined stands for what is no JSON. */
export function parseConfig(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function loginOf(entry: unknown): Login | undefined {
  const registryToken = text(own(entry, "registrytoken"));
  if (registryToken !== undefined) return { kind: "token", token: new SecretValue(registryToken) };
  const identity = text(own(entry, "identitytoken"));
  if (identity !== undefined) return { kind: "identity", token: new SecretValue(identity) };
  const username = text(own(entry, "username"));
  const password = text(own(entry, "password"));
  if (username !== undefined && password !== undefined) return basic(username, password);
  const pair = Buffer.from(text(own(entry, "auth")) ?? "", "base64").toString("utf8");
  const colon = pair.indexOf(":");
  if (colon < 1) return undefined;
  return basic(pair.slice(0, colon), pair.slice(colon + 1).replace(/\0+$/, ""));
}

/** What a credential helper calls the user of an identity token. */
const IDENTITY_USER = "<token>";

/** The login that a credential helper answers with; undefined when it is none. */
export function helperLogin(answer: unknown): Login | undefined {
  const username = text(own(answer, "Username"));
  const secret = text(own(answer, "Secret"));
  if (username === undefined || secret === undefined) return undefined;
  if (username === IDENTITY_USER) return { kind: "identity", token: new SecretValue(secret) };
  return basic(username, secret);
}

function basic(username: string, password: string): Login {
  return {
    kind: "basic",
    username: new SecretValue(username),
    password: new SecretValue(password),
  };
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
