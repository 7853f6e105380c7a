import { isRecord, own } from "../api/record.ts";
import { SecretValue } from "../runtime/secret-value.ts";
import type { Login } from "./login.ts";
import { unusable } from "./source-error.ts";

/** Which Secret a configuration comes from, and the host that a login is looked for. */
export interface DockerConfigUse {
  readonly secretName: string;
  readonly host: string;
}

const HUB = "docker.io";
const HUB_HOSTS: ReadonlySet<string> = new Set([HUB, "index.docker.io", "registry-1.docker.io"]);

/** The login for a host in a Docker configuration (`.dockerconfigjson`); its keys may be hosts or, as Docker Hub's, URLs. */
export function dockerLogin(config: SecretValue, { secretName, host }: DockerConfigUse): Login {
  const auths = authsOf(config, secretName);
  const wanted = canonicalHost(host);
  const found = Object.keys(auths)
    .sort()
    .find((key) => canonicalHost(key) === wanted);
  if (found === undefined) {
    const message = `".dockerconfigjson" of the Secret ${secretName} has no login for ${wanted}`;
    throw unusable(message, `add an entry for ${wanted} to its "auths"`);
  }
  const login = loginOf(own(auths, found));
  if (login !== undefined) return login;
  const message = `".dockerconfigjson" of the Secret ${secretName} has an entry for ${wanted} without a usable login`;
  throw unusable(message, 'give it "username" and "password", or "auth"');
}

function authsOf(config: SecretValue, secretName: string): Readonly<Record<string, unknown>> {
  const parsed = parseJson(config.reveal());
  const auths = own(parsed, "auths");
  if (isRecord(auths)) return auths;
  const message = `".dockerconfigjson" of the Secret ${secretName} is no Docker configuration`;
  throw unusable(
    message,
    'store JSON with the field "auths", such as kubectl create secret docker-registry makes',
  );
}

/** JSON's own error would quote the text. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function canonicalHost(key: string): string {
  const host = (key.replace(/^https?:\/\//i, "").split("/")[0] ?? "").toLowerCase();
  return HUB_HOSTS.has(host) ? HUB : host;
}

function loginOf(entry: unknown): Login | undefined {
  const registryToken = text(own(entry, "registrytoken"));
  if (registryToken !== undefined) return { kind: "token", token: new SecretValue(registryToken) };
  const username = text(own(entry, "username"));
  const password = text(own(entry, "password"));
  if (username !== undefined && password !== undefined) return basic(username, password);
  const pair = Buffer.from(text(own(entry, "auth")) ?? "", "base64").toString("utf8");
  const colon = pair.indexOf(":");
  if (colon < 1) return undefined;
  return basic(pair.slice(0, colon), pair.slice(colon + 1).replace(/\0+$/, ""));
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
