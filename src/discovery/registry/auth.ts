import type { Http } from "../../runtime/http.ts";
import { addressText, type HttpAnswer } from "../../runtime/http-answer.ts";
import type { Clock } from "../../runtime/http-clock.ts";
import type { SecretValue } from "../../runtime/secret-value.ts";
import type { Credentials } from "../logins/credentials.ts";
import { authorizationOf } from "../logins/login.ts";
import { SourceError } from "../source-error.ts";
import { type Challenge, parseChallenges } from "./challenge.ts";
import { type Grant, readGrant, refreshRequest, tokenUrl } from "./token.ts";

/** What a session with one registry is made of. */
export interface RegistrySessionOptions {
  readonly http: Http;
  readonly clock: Clock;
  readonly credentials: Credentials;
  /** The registry's API. */
  readonly registry: URL;
  /** Whether a host may be given logins although it is another organisation's by its name. */
  readonly isListed: (hostname: string) => boolean;
  readonly signal: AbortSignal;
}

/** Asks one registry, logging in the way it wants. */
export interface RegistrySession {
  /** The answer after at most one login; it may still be a refusal. */
  get(url: URL, repository: string): Promise<HttpAnswer>;
}

const MAX_TOKEN_BYTES = 1024 * 1024;

/** Starts a session; tokens are kept for each repository as long as they live. */
export function createRegistrySession(options: RegistrySessionOptions): RegistrySession {
  const { clock, credentials } = options;
  const { login } = credentials;
  const grants = new Map<string, Grant>();
  let basic: SecretValue | undefined;

  function known(repository: string): SecretValue | undefined {
    if (login?.kind === "token") return authorizationOf(login);
    const grant = grants.get(repository);
    if (grant !== undefined && grant.expiresAtMs > clock.now()) return grant.authorization;
    return basic;
  }

  async function answerChallenge(refused: Refused): Promise<SecretValue | undefined> {
    // A token from the Secret is all there is; a token service has no use for it.
    if (login?.kind === "token") return undefined;
    const challenges = parseChallenges(refused.answer.headers.get("www-authenticate") ?? "");
    const bearer = challenges.find(({ scheme }) => scheme === "bearer");
    if (bearer !== undefined) {
      const grant = await requestToken(options, bearer, refused.repository);
      grants.set(refused.repository, grant);
      return grant.authorization;
    }
    const wantsBasic = challenges.some(({ scheme }) => scheme === "basic");
    if (!wantsBasic || login?.kind !== "basic") return undefined;
    basic ??= authorizationOf(login);
    return refused.authorization === basic ? undefined : basic;
  }

  return {
    async get(url, repository) {
      const used = known(repository);
      const answer = await send(options, url, used);
      if (answer.status !== 401) return answer;
      const authorization = await answerChallenge({ answer, repository, authorization: used });
      return authorization === undefined ? answer : send(options, url, authorization);
    },
  };
}

interface Refused {
  readonly answer: HttpAnswer;
  readonly repository: string;
  /** What the refused request was sent with. */
  readonly authorization: SecretValue | undefined;
}

function send(
  { http, credentials, signal }: RegistrySessionOptions,
  url: URL,
  authorization: SecretValue | undefined,
): Promise<HttpAnswer> {
  const secretHeaders = new Map(credentials.headers);
  if (authorization !== undefined) secretHeaders.set("authorization", authorization);
  const { tls } = credentials;
  return http.request({ url, headers: { accept: "application/json" }, secretHeaders, tls, signal });
}

async function requestToken(
  options: RegistrySessionOptions,
  { parameters }: Challenge,
  repository: string,
): Promise<Grant> {
  const { http, clock, credentials, registry, signal } = options;
  const { login } = credentials;
  const url = tokenUrl(parameters, repository);
  const refusal = await serviceRefusal(options, url);
  if (login !== undefined && refusal !== undefined) throw refusal;
  const isOwn = url.origin === registry.origin;
  const secretHeaders = new Map(isOwn ? credentials.headers : []);
  const tls = refusal === undefined ? credentials.tls : {};
  const shared = { secretHeaders, tls, signal, maxBytes: MAX_TOKEN_BYTES };
  if (login?.kind === "identity") {
    const exchange = refreshRequest(url, login.token);
    return readGrant(await http.request({ ...shared, ...exchange }), clock.now());
  }
  if (login !== undefined) secretHeaders.set("authorization", authorizationOf(login));
  const headers = { accept: "application/json" };
  return readGrant(await http.request({ ...shared, url, headers }), clock.now());
}

/** Why what was given for a registry is not sent to the token service that it names. */
async function serviceRefusal(
  { credentials, registry, isListed }: RegistrySessionOptions,
  service: URL,
): Promise<SourceError | undefined> {
  // It knows every public suffix, and most registries never ask for a token.
  const { mayShareLogin } = await import("../logins/login-sharing.ts");
  const isRelated = mayShareLogin(registry, service) || isListed(service.hostname);
  return isRelated ? credentials.refusal?.(service) : foreignService(registry, service);
}

function foreignService(registry: URL, service: URL): SourceError {
  return new SourceError({
    reason: "EndpointRefused",
    message: `${addressText(registry)} wants the login to be sent to ${service.host}, another organisation by its name`,
    fix: `list ${service.hostname} among the allowed endpoints if it is meant`,
  });
}
