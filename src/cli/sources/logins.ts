import { join } from "node:path";
import { dockerLogins, type LoginFinder } from "../../discovery/logins/docker-logins.ts";
import type { Clock } from "../../runtime/http-clock.ts";
import type { Terminal } from "../terminal/terminal.ts";

/**
 * The logins that Docker has stored: `$DOCKER_CONFIG/config.json`, else `.docker/config.json` at home. None where the
 * environment names neither place.
 */
export function storedLogins(
  env: Terminal["env"],
  clock: Pick<Clock, "deadline">,
): LoginFinder | undefined {
  const home = env["HOME"] || env["USERPROFILE"];
  const folder = env["DOCKER_CONFIG"] || (home ? join(home, ".docker") : undefined);
  if (folder === undefined) return undefined;
  return dockerLogins({ path: join(folder, "config.json"), environment: helperEnv(env), clock });
}

/** What programs, keychains and the clouds' own tools need to find their way. Whatever else Drop was given stays here. */
const HELPER_VARIABLES =
  /^(PATH|HOME|USER|LOGNAME|LANG|LC_.+|TMPDIR|TEMP|TMP|SYSTEMROOT|APPDATA|LOCALAPPDATA|USERPROFILE|PROGRAMDATA|PATHEXT|DOCKER_CONFIG|XDG_.+|DBUS_SESSION_BUS_ADDRESS|DISPLAY|WAYLAND_DISPLAY|GNUPGHOME|GPG_TTY|PASSWORD_STORE_.+|AWS_.+|AZURE_.+|GOOGLE_.+|CLOUDSDK_.+|HTTPS?_PROXY|NO_PROXY|SSL_CERT_(FILE|DIR))$/i;

function helperEnv(env: Terminal["env"]): Readonly<Record<string, string>> {
  const entries = Object.entries(env).flatMap(([name, value]) =>
    value !== undefined && HELPER_VARIABLES.test(name) ? [[name, value] as const] : [],
  );
  return Object.fromEntries(entries);
}
