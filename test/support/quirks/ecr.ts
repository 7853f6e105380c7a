import { type FaultServer, faultServer } from "../../runtime/fault-server.ts";
import { sendError, sendTags, tagQuestion } from "./tag-list.ts";

const DEFAULT_PAGE = 100;
const LARGEST_PAGE = 1000;

/**
 * Amazon's registry: Basic logins as the user `AWS`, refused with 403 once the token is 12 hours old; more than 1,000
 * tags at once are UNSUPPORTED (google/go-containerregistry issue 681, renovatebot/renovate issue 3800); links are
 * absolute, without `n` and with an opaque `last`, and the answer is called text (deitch/docker_registry2 issue 34).
 */
export function startEcr(
  tags: readonly string[],
  { login, isExpired = false }: { readonly login: string; readonly isExpired?: boolean },
): Promise<FaultServer> {
  return faultServer((seen, response) => {
    const origin = `http://${seen.headers.host}`;
    const asked = tagQuestion(seen);
    if (seen.headers.authorization !== login || asked === undefined) {
      const challenge = `Basic realm="${origin}/",service="ecr.amazonaws.com"`;
      response.writeHead(401, { "www-authenticate": challenge }).end("Not Authorized\n");
      return;
    }
    if (isExpired) {
      const message = "Your authorization token has expired. Reauthenticate and try again.";
      sendError(response, { status: 403, code: "DENIED", message });
      return;
    }
    const { repository, n = DEFAULT_PAGE, query } = asked;
    if (n > LARGEST_PAGE) {
      const message = "Invalid parameter at 'maxResults' failed to satisfy constraint";
      sendError(response, { status: 405, code: "UNSUPPORTED", message });
      return;
    }
    const start = Number(Buffer.from(query.get("last") ?? "", "base64url").toString() || "0");
    const end = start + n;
    const last = Buffer.from(String(end)).toString("base64url");
    const link = `<${origin}/v2/${repository}/tags/list?last=${last}>; rel="next"`;
    const headers = end < tags.length ? { link } : {};
    const name = repository;
    const text = { "content-type": "text/plain; charset=utf-8", ...headers };
    sendTags(response, { name, tags: tags.slice(start, end) }, text);
  });
}
