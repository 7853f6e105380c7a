import { isRecord, own } from "../../api/record.ts";
import type { Clock } from "../../runtime/http-clock.ts";
import { readSecretFile } from "../secrets/folder.ts";
import { unusable } from "../source-error.ts";
import { canonicalHost, dockerEntry, entryOf, parseConfig } from "./docker-auths.ts";
import type { Login } from "./login.ts";

/** Finds logins for registries whose source names no Secret, undefined where there is none for the host. */
export interface LoginFinder {
  /** `host` is `host[:port]` as in the policy's url; the signal ends the whole run, for what is found is shared. */
  find(host: string, signal: AbortSignal): Promise<Login | undefined>;
}

/** Where Docker's configuration is, and what its credential helpers run with. */
export interface DockerLoginsOptions {
  /** The path of `config.json`. */
  readonly path: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly clock: Pick<Clock, "deadline">;
}

/** A keychain may ask a person to unlock it. */
const HELPER_TIMEOUT_MS = 30_000;

/** What Docker calls its own Hub when it asks a helper. */
const HUB_SERVER = "https://index.docker.io/v1/";

/**
 * The logins that `docker login` has stored: of a helper for the host (`credHelpers`), else of the store for all
 * (`credsStore`), else in the file itself (`auths`). The file is read, and each helper asked, once.
 */
export function dockerLogins(options: DockerLoginsOptions): LoginFinder {
  let config: Promise<unknown> | undefined;
  const known = new Map<string, Promise<Login | undefined>>();
  async function look(host: string, signal: AbortSignal): Promise<Login | undefined> {
    config ??= readConfig(options.path);
    return loginFor(await config, { ...options, host, signal });
  }
  return {
    find(host, signal) {
      const key = canonicalHost(host);
      const found = known.get(key) ?? look(host, signal);
      known.set(key, found);
      return found;
    },
  };
}

interface Wanted extends DockerLoginsOptions {
  readonly host: string;
  readonly signal: AbortSignal;
}

async function loginFor(config: unknown, wanted: Wanted): Promise<Login | undefined> {
  const { host, environment, clock, signal } = wanted;
  const entry = dockerEntry(config, host);
  const helper = entryOf(own(config, "credHelpers"), host) ?? own(config, "credsStore");
  if (typeof helper === "string" && helper !== "") {
    const name = canonicalHost(host);
    const server = name === "docker.io" ? HUB_SERVER : name;
    const deadline = clock.deadline(HELPER_TIMEOUT_MS);
    const { askHelper } = await import("./credential-helper.ts");
    const login = await askHelper({ helper, server, environment, signal, deadline });
    if (login !== undefined) return login;
  }
  return entry.kind === "login" ? entry.login : undefined;
}

async function readConfig(path: string): Promise<unknown> {
  const fix = "mend the file, or leave Docker's logins out with --no-docker-config";
  const text = await readSecretFile(path).catch((cause: unknown) => {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw unusable(`Docker's configuration ${path} cannot be read`, fix, cause);
  });
  if (text === undefined) return undefined;
  const config = parseConfig(text.reveal());
  if (isRecord(config)) return config;
  throw unusable(`Docker's configuration ${path} is no JSON`, fix);
}
