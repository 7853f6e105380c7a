import type { HttpAnswer } from "../../runtime/http-answer.ts";
import type { SecretValue } from "../../runtime/secret-value.ts";
import type { Login } from "../logins/login.ts";

/** Shorter ones would be found in any text. */
const MIN_LENGTH = 4;

/** An answer without whatever secret it repeats, for the words of a server that a message quotes. */
export function withoutSecrets(
  answer: HttpAnswer,
  headers: ReadonlyMap<string, SecretValue>,
  login: Login | undefined,
): HttpAnswer {
  const texts = secretTexts(headers, login);
  if (texts.length === 0) return answer;
  let text = answer.body.toString("utf8");
  for (const secret of texts) text = text.replaceAll(secret, "[secret]");
  return { ...answer, body: Buffer.from(text) };
}

/** The longest first, for one may be part of another. */
function secretTexts(
  headers: ReadonlyMap<string, SecretValue>,
  login: Login | undefined,
): readonly string[] {
  const values = [...headers.values(), ...(login === undefined ? [] : [secretOf(login)])];
  const texts = values.flatMap((value) => {
    const text = value.reveal();
    return [text, text.replace(/^(Basic|Bearer) /, "")];
  });
  return [...new Set(texts)]
    .filter(({ length }) => length >= MIN_LENGTH)
    .sort((a, b) => b.length - a.length);
}

function secretOf(login: Login): SecretValue {
  return login.kind === "basic" ? login.password : login.token;
}
