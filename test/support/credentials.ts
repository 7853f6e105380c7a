export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** The one account that every test server with a login knows. */
export const testCredentials: Credentials = { username: "drop", password: "correct horse battery" };

/** bcrypt of that password, at the lowest cost so that thousands of requests stay fast; Node has no bcrypt. */
export const testPasswordHash = "$2y$04$DropTestsKnowThisSalt..5xPKAuA2EdvHgj/3tdAGyXNS7xiuzK";

/** The value of a Basic `Authorization` header. */
export function basic({ username, password }: Credentials): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}
