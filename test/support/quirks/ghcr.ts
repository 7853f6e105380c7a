import { type FaultServer, faultServer, json } from "../../runtime/fault-server.ts";
import { pageAfter, sendError, sendTags, tagQuestion } from "./tag-list.ts";

/**
 * GitHub's registry: tags in the order of their push, the oldest first, so that the newest are on the last page
 * (renovatebot/renovate pull request 36103); relative links; a token even for what anybody may pull, from `/token`
 * (smg-project/smg pull request 2348).
 */
export function startGhcr(tags: readonly string[]): Promise<FaultServer> {
  return faultServer((seen, response) => {
    const host = seen.headers.host ?? "";
    if (seen.path.startsWith("/token?")) {
      json(response, { token: "ghcr-anonymous" });
      return;
    }
    const asked = tagQuestion(seen);
    if (asked === undefined) {
      sendError(response, {
        status: 404,
        code: "NAME_UNKNOWN",
        message: "repository name not known",
      });
      return;
    }
    const { repository, n = 100, query } = asked;
    if (seen.headers.authorization !== "Bearer ghcr-anonymous") {
      const challenge = `Bearer realm="http://${host}/token",service="ghcr.io",scope="repository:${repository}:pull"`;
      const error = { status: 401, code: "UNAUTHORIZED", message: "authentication required" };
      sendError(response, error, { "www-authenticate": challenge });
      return;
    }
    const { page, hasMore } = pageAfter(tags, query.get("last"), n);
    const link = `</v2/${repository}/tags/list?last=${page.at(-1)}&n=${n}>; rel="next"`;
    sendTags(response, { name: repository, tags: page }, hasMore ? { link } : {});
  });
}
