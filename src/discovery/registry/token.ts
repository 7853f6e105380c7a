import { own } from "../../api/record.ts";
import { addressText, type HttpAnswer, parseJson } from "../../runtime/http-answer.ts";
import type { SecretValue } from "../../runtime/secret-value.ts";
import { bearer } from "../logins/login.ts";
import { SourceError, statusError } from "../source-error.ts";

/** A header that a registry accepts, until a time in milliseconds since 1970. */
export interface Grant {
  readonly authorization: SecretValue;
  readonly expiresAtMs: number;
}

/** What clients assume when a token service does not say (the distribution token specification). */
const DEFAULT_LIFE_SECONDS = 60;

/** A token on the verge of expiring may do so on its way. */
const MARGIN_MS = 5_000;

/** The address that a Bearer challenge sends people to, with the service and the right to pull one repository. */
export function tokenUrl(parameters: ReadonlyMap<string, string>, repository: string): URL {
  const url = URL.parse(parameters.get("realm") ?? "");
  const isPlain = url !== null && url.username === "" && url.password === "";
  if (!isPlain || !/^https?:$/.test(url.protocol)) {
    const message = "the registry's challenge names no usable address for tokens";
    const fix = "check the registry's own settings";
    throw new SourceError({ reason: "InvalidAnswer", message, fix });
  }
  const service = parameters.get("service");
  if (service !== undefined) url.searchParams.set("service", service);
  url.searchParams.set("scope", parameters.get("scope") ?? `repository:${repository}:pull`);
  return url;
}

/** The request that exchanges an identity token (the OAuth 2 part of the distribution token specification). */
export function refreshRequest(url: URL, token: SecretValue) {
  const form = new URLSearchParams({ grant_type: "refresh_token", client_id: "drop" });
  for (const name of ["service", "scope"]) {
    const value = url.searchParams.get(name);
    if (value !== null) form.set(name, value);
  }
  form.set("refresh_token", token.reveal());
  const plain = new URL(url);
  plain.search = "";
  const headers = {
    accept: "application/json",
    "content-type": "application/x-www-form-urlencoded",
  };
  return { url: plain, method: "POST", headers, body: form.toString() } as const;
}

/** Reads a token service's answer. */
export function readGrant(answer: HttpAnswer, nowMs: number): Grant {
  if (answer.status !== 200) throw statusError(answer);
  const body = parseJson(answer);
  const token = nonEmpty(own(body, "token")) ?? nonEmpty(own(body, "access_token"));
  if (token === undefined) {
    const message = `${addressText(answer.url)} answered without a token`;
    const fix = "check what answers at that address";
    throw new SourceError({ reason: "InvalidAnswer", message, fix });
  }
  const seconds = own(body, "expires_in");
  const life = typeof seconds === "number" && seconds > 0 ? seconds : DEFAULT_LIFE_SECONDS;
  const issued = Date.parse(nonEmpty(own(body, "issued_at")) ?? "");
  // A clock that is ahead of ours must not make a token live longer.
  const issuedAtMs = Number.isNaN(issued) ? nowMs : Math.min(issued, nowMs);
  return { authorization: bearer(token), expiresAtMs: issuedAtMs + life * 1000 - MARGIN_MS };
}

function nonEmpty(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
