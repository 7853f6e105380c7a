import { SecretValue } from "../../runtime/secret-value.ts";

/** A login that is sent as it is. */
export type DirectLogin =
  | { readonly kind: "token"; readonly token: SecretValue }
  | { readonly kind: "basic"; readonly username: SecretValue; readonly password: SecretValue };

/** How a source is logged in to; an identity token is good at a token service only, which gives another for it. */
export type Login = DirectLogin | { readonly kind: "identity"; readonly token: SecretValue };

/** The value of the `Authorization` header of a login. */
export function authorizationOf(login: DirectLogin): SecretValue {
  if (login.kind === "token") return bearer(login.token.reveal());
  const pair = `${login.username.reveal()}:${login.password.reveal()}`;
  return new SecretValue(`Basic ${Buffer.from(pair, "utf8").toString("base64")}`);
}

/** The value of the `Authorization` header of a token. */
export function bearer(token: string): SecretValue {
  return new SecretValue(`Bearer ${token}`);
}
