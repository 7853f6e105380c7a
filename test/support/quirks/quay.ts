import { type FaultServer, faultServer, json } from "../../runtime/fault-server.ts";
import { sendError, sendTags, tagQuestion } from "./tag-list.ts";

const PAGE_SIZE = 50;

/**
 * Quay: at most 50 tags a page whatever `n` says, `last` ignored, and pages only by the `next_page` of its own links,
 * which were absolute once (TritonDataCenter/node-docker-registry-client issue 12) and are relative now
 * (deitch/docker_registry2 issue 56, regclient/regclient issue 272). A private repository gives anybody a token and
 * then 401 all the same.
 */
export function startQuay(
  tags: readonly string[],
  {
    links = "relative",
    login,
  }: { readonly links?: "relative" | "absolute"; readonly login?: string } = {},
): Promise<FaultServer> {
  return faultServer((seen, response) => {
    const origin = `http://${seen.headers.host}`;
    if (seen.path.startsWith("/v2/auth?")) {
      const isKnown = login === undefined || seen.headers.authorization === login;
      json(response, { token: isKnown ? "quay-full" : "quay-empty" });
      return;
    }
    const asked = tagQuestion(seen);
    const repository = asked?.repository ?? "";
    if (seen.headers.authorization !== "Bearer quay-full" || asked === undefined) {
      const challenge = `Bearer realm="${origin}/v2/auth",service="quay.io",scope="repository:${repository}:pull"`;
      const message = "access to the requested resource is not authorized";
      const error = { status: 401, code: "UNAUTHORIZED", message };
      sendError(response, error, { "www-authenticate": challenge });
      return;
    }
    const start = startOf(asked.query.get("next_page"));
    const page = tags.slice(start, start + PAGE_SIZE);
    const token = encodeURIComponent(Buffer.from(`page:${start + PAGE_SIZE}`).toString("base64"));
    const path = `/v2/${repository}/tags/list?next_page=${token}&n=${PAGE_SIZE}`;
    const link = `<${links === "absolute" ? origin : ""}${path}>; rel="next"`;
    const hasMore = start + PAGE_SIZE < tags.length;
    sendTags(response, { name: repository, tags: page }, hasMore ? { link } : {});
  });
}

function startOf(token: string | null): number {
  return Number(/^page:(\d+)$/.exec(Buffer.from(token ?? "", "base64").toString())?.[1] ?? "0");
}
