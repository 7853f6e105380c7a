import { type FaultServer, faultServer } from "../../runtime/fault-server.ts";
import { sendError, sendTags, tagQuestion } from "./tag-list.ts";

/** The repository under which images are kept, in either way of addressing it. */
export const ARTIFACTORY_PREFIX = "/artifactory/api/docker/docker-local";
export const ARTIFACTORY_REPOSITORY = "docker-local";

/**
 * Artifactory: its links leave out where its own repository stands, be that a path before `/v2` or the first part of
 * the name, so that following them is a 404; `last` is a position and no tag (renovatebot/renovate issues 15030 and
 * 15080).
 */
export function startArtifactory(tags: readonly string[], login: string): Promise<FaultServer> {
  return faultServer((seen, response) => {
    if (seen.headers.authorization !== login) {
      const challenge = 'Basic realm="Artifactory Realm"';
      const error = { status: 401, code: "UNAUTHORIZED", message: "authentication is required" };
      sendError(response, error, { "www-authenticate": challenge });
      return;
    }
    const asked = tagQuestion(seen);
    const image = asked === undefined ? undefined : imageOf(asked);
    if (asked === undefined || image === undefined) {
      sendError(response, { status: 404, code: "NAME_UNKNOWN", message: "repository not found" });
      return;
    }
    const { n = 10_000, query } = asked;
    const end = Number(query.get("last") ?? "0") + n;
    const link = `</v2/${image}/tags/list?last=${end}&n=${n}>; rel="next"`;
    const headers = end < tags.length ? { link } : {};
    sendTags(response, { name: image, tags: tags.slice(end - n, end) }, headers);
  });
}

function imageOf({ prefix, repository }: { readonly prefix: string; readonly repository: string }) {
  if (prefix === ARTIFACTORY_PREFIX) return repository;
  const isNamed = prefix === "" && repository.startsWith(`${ARTIFACTORY_REPOSITORY}/`);
  return isNamed ? repository.slice(ARTIFACTORY_REPOSITORY.length + 1) : undefined;
}
