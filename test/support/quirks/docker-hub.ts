import { type FaultServer, faultServer, json } from "../../runtime/fault-server.ts";
import { pageAfter, sendError, sendTags, tagQuestion } from "./tag-list.ts";

export const HUB_REGISTRY = "registry-1.docker.io";
export const HUB_TOKENS = "auth.docker.io";

export interface DockerHubOptions {
  /** The Basic login that it knows; others get anonymous tokens. */
  readonly login?: string;
  /** How many of the first requests for tags meet the rate limit. */
  readonly limited?: number;
}

/**
 * Docker Hub: the registry at `registry-1.docker.io`, tokens at `auth.docker.io`, official images under `library/`
 * (goharbor/harbor issue 22118 quotes its challenge). Above the limit it answers 429 with `Retry-After` in seconds
 * (docker/docs pull request 22916) and how much is left in `ratelimit-remaining`, counted for each account or address.
 * One server plays both hosts.
 */
export function startDockerHub(
  tags: readonly string[],
  { login, limited = 0 }: DockerHubOptions = {},
): Promise<FaultServer> {
  let left = limited;
  return faultServer((seen, response) => {
    const [name = "", port = ""] = (seen.headers.host ?? "").split(":");
    if (name === HUB_TOKENS && seen.path.startsWith("/token?")) {
      const isKnown = login !== undefined && seen.headers.authorization === login;
      const token = isKnown ? "hub-account" : "hub-anonymous";
      json(response, { token, access_token: token, expires_in: 300, issued_at: new Date() });
      return;
    }
    const asked = tagQuestion(seen);
    if (name !== HUB_REGISTRY || asked === undefined || !asked.repository.includes("/")) {
      sendError(response, {
        status: 404,
        code: "NAME_UNKNOWN",
        message: "repository name not known",
      });
      return;
    }
    const { repository, n = 100, query } = asked;
    if (!/^Bearer hub-/.test(seen.headers.authorization ?? "")) {
      const challenge = `Bearer realm="http://${HUB_TOKENS}:${port}/token",service="registry.docker.io",scope="repository:${repository}:pull"`;
      const error = { status: 401, code: "UNAUTHORIZED", message: "authentication required" };
      sendError(response, error, { "www-authenticate": challenge });
      return;
    }
    if (left-- > 0) {
      const message = "You have reached your unauthenticated pull rate limit.";
      const headers = {
        "retry-after": "40",
        "ratelimit-limit": "100;w=21600",
        "ratelimit-remaining": "0;w=21600",
      };
      sendError(response, { status: 429, code: "TOOMANYREQUESTS", message }, headers);
      return;
    }
    const { page, hasMore } = pageAfter(tags.toSorted(), query.get("last"), n);
    const link = `</v2/${repository}/tags/list?n=${n}&last=${page.at(-1)}>; rel="next"`;
    sendTags(response, { name: repository, tags: page }, hasMore ? { link } : {});
  });
}
