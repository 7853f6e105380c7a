import { isRecord, own } from "../../api/record.ts";
import type { SecretValue } from "../../runtime/secret-value.ts";
import { unusable } from "../source-error.ts";
import { canonicalHost, dockerEntry, parseConfig } from "./docker-auths.ts";
import type { Login } from "./login.ts";

/** Which Secret a configuration comes from, and the host that a login is looked for. */
export interface DockerConfigUse {
  readonly secretName: string;
  readonly host: string;
}

/** The login for a host in the Docker configuration that a Secret holds (`.dockerconfigjson`). */
export function dockerLogin(text: SecretValue, { secretName, host }: DockerConfigUse): Login {
  const config = parseConfig(text.reveal());
  const what = `".dockerconfigjson" of the Secret ${secretName}`;
  if (!isRecord(own(config, "auths"))) {
    const fix =
      'store JSON with the field "auths", such as kubectl create secret docker-registry makes';
    throw unusable(`${what} is no Docker configuration`, fix);
  }
  const entry = dockerEntry(config, host);
  if (entry.kind === "login") return entry.login;
  const wanted = canonicalHost(host);
  if (entry.kind === "none") {
    throw unusable(
      `${what} has no login for ${wanted}`,
      `add an entry for ${wanted} to its "auths"`,
    );
  }
  const fix = 'give it "username" and "password", or "auth"';
  throw unusable(`${what} has an entry for ${wanted} without a usable login`, fix);
}
