import { SecretValue } from "../runtime/secret-value.ts";

/** How a source is logged in to. */
export type Login =
  | { readonly kind: "token"; readonly token: SecretValue }
  | { readonly kind: "basic"; readonly username: SecretValue; readonly password: SecretValue };

/** The value of the `Authorization` header of a login. */
export function authorizationOf(login: Login): SecretValue {
  if (login.kind === "token") return bearer(login.token.reveal());
  const pair = `${login.username.reveal()}:${login.password.reveal()}`;
  return new SecretValue(`Basic ${Buffer.from(pair, "utf8").toString("base64")}`);
}

/** The value of the `Authorization` header of a token. */
export function bearer(token: string): SecretValue {
  return new SecretValue(`Bearer ${token}`);
}
