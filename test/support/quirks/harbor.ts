import { type FaultServer, faultServer, json } from "../../runtime/fault-server.ts";
import { pageAfter, sendError, sendTags, tagQuestion } from "./tag-list.ts";

/**
 * Harbor: tokens from `/service/token` of the same host for the service `harbor-registry`, given for Basic logins
 * such as a robot's `robot$name` (goharbor/harbor issues 12192 and 13573); it also sets cookies, which nobody needs.
 */
export function startHarbor(tags: readonly string[], login: string): Promise<FaultServer> {
  return faultServer((seen, response) => {
    const origin = `http://${seen.headers.host}`;
    response.setHeader("set-cookie", ["sid=1234; Path=/; HttpOnly", "_gorilla_csrf=x; Path=/"]);
    if (seen.path.startsWith("/service/token?")) {
      if (seen.headers.authorization === login)
        json(response, { token: "harbor", expires_in: 1800 });
      else json(response, { errors: [{ code: "UNAUTHORIZED", message: "unauthorized" }] }, 401);
      return;
    }
    const asked = tagQuestion(seen);
    const repository = asked?.repository ?? "";
    if (asked === undefined || seen.headers.authorization !== "Bearer harbor") {
      const challenge = `Bearer realm="${origin}/service/token",service="harbor-registry",scope="repository:${repository}:pull"`;
      const message = `unauthorized to access repository: ${repository}, action: pull`;
      const error = { status: 401, code: "UNAUTHORIZED", message };
      sendError(response, error, { "www-authenticate": challenge });
      return;
    }
    const sorted = tags.toSorted();
    const { page, hasMore } = pageAfter(sorted, asked.query.get("last"), asked.n ?? sorted.length);
    const link = `</v2/${repository}/tags/list?last=${page.at(-1)}&n=${asked.n}>; rel="next"`;
    sendTags(response, { name: repository, tags: page }, hasMore ? { link } : {});
  });
}
