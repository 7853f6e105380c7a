import { type FaultServer, faultServer, json } from "../../runtime/fault-server.ts";
import { pageAfter, sendError, sendTags, tagQuestion } from "./tag-list.ts";

export const GITLAB_REGISTRY = "registry.gitlab.com";
export const GITLAB = "gitlab.com";

/**
 * GitLab: the registry sends people to another host of the same organisation, `gitlab.com/jwt/auth`, for the service
 * `container_registry` (gitlab-org/gitlab issue 19470); links are absolute. One server plays both hosts.
 */
export function startGitlab(tags: readonly string[], login: string): Promise<FaultServer> {
  return faultServer((seen, response) => {
    const [name = "", port = ""] = (seen.headers.host ?? "").split(":");
    if (name === GITLAB && seen.path.startsWith("/jwt/auth?")) {
      if (seen.headers.authorization === login) json(response, { token: "gitlab" });
      else json(response, { errors: [{ code: "DENIED", message: "access forbidden" }] }, 403);
      return;
    }
    const asked = tagQuestion(seen);
    const repository = asked?.repository ?? "";
    const isKnown = name === GITLAB_REGISTRY && seen.headers.authorization === "Bearer gitlab";
    if (asked === undefined || !isKnown) {
      const challenge = `Bearer realm="http://${GITLAB}:${port}/jwt/auth",service="container_registry",scope="repository:${repository}:pull",error="invalid_token"`;
      const error = { status: 401, code: "UNAUTHORIZED", message: "authentication required" };
      sendError(response, error, { "www-authenticate": challenge });
      return;
    }
    const { page, hasMore } = pageAfter(tags.toSorted(), asked.query.get("last"), asked.n ?? 100);
    const next = `http://${name}:${port}/v2/${repository}/tags/list?n=${asked.n}&last=${page.at(-1)}`;
    const headers = hasMore ? { link: `<${next}>; rel="next"` } : {};
    sendTags(response, { name: repository, tags: page }, headers);
  });
}
