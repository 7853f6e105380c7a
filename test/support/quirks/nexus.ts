import { type FaultServer, faultServer } from "../../runtime/fault-server.ts";
import { pageAfter, sendError, sendTags, tagQuestion } from "./tag-list.ts";

/** How a version and kind of repository of Nexus pages. */
export type NexusPaging = "whole list" | "last without links" | "links to the main port";

/** What comes without `n`. */
const DEFAULT_PAGE = 1_000;

/**
 * Nexus: some versions and group repositories answer with the whole list or page without any link
 * (sonatype/nexus-public issues 117 and 209); on the port of a Docker connector links name the path of its main port,
 * `/repository/<name>/v2/…`, which is a 400 there (sonatype/nexus-public issue 1011).
 */
export function startNexus(tags: readonly string[], paging: NexusPaging): Promise<FaultServer> {
  return faultServer((seen, response) => {
    const asked = tagQuestion(seen);
    if (asked === undefined || asked.prefix !== "") {
      sendError(response, { status: 400, code: "UNKNOWN", message: "not a docker request" });
      return;
    }
    const { repository: name, n, query } = asked;
    const sorted = tags.toSorted();
    if (paging === "whole list") {
      sendTags(response, { name, tags: sorted });
      return;
    }
    const { page, hasMore } = pageAfter(sorted, query.get("last"), n ?? DEFAULT_PAGE);
    const next = `http://${seen.headers.host}/repository/docker-proxy/v2/${name}/tags/list?n=${n ?? DEFAULT_PAGE}&last=${page.at(-1)}`;
    const isLinked = hasMore && paging === "links to the main port";
    sendTags(response, { name, tags: page }, isLinked ? { link: `<${next}>; rel="next"` } : {});
  });
}
