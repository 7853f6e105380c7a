import {
  Agent as HttpAgent,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
} from "node:http";
import { Agent as HttpsAgent, request as requestTls } from "node:https";

export interface Question {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** PEM of the authority to trust, for https. */
  readonly caPem?: string | undefined;
  /** PEM of a client certificate and its key, for https. */
  readonly login?: { readonly certPem: string; readonly keyPem: string };
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

// Idle sockets do not keep a test from ending: Node's agents unreference them.
const plain = new HttpAgent({ keepAlive: true, maxSockets: 32 });
const secure = new HttpsAgent({ keepAlive: true, maxSockets: 32 });

/** One HTTP exchange over kept-alive connections, with any status as its answer; a test's own eyes, apart from the code under test. */
export function ask(
  url: string,
  { method = "GET", headers = {}, body = "", caPem, login }: Question = {},
) {
  return new Promise<Answer>((resolve, reject) => {
    const length = String(Buffer.byteLength(body));
    const options = { method, headers: { ...headers, "content-length": length } };
    const trust = {
      ...(caPem && { ca: caPem }),
      ...(login && { cert: login.certPem, key: login.keyPem }),
    };
    const sent = url.startsWith("https:")
      ? requestTls(url, { ...options, agent: secure, ...trust })
      : request(url, { ...options, agent: plain });
    sent.on("response", (response) => read(response).then(resolve, reject));
    sent.on("error", reject).end(body);
  });
}

async function read(response: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(Buffer.from(chunk));
  const body = Buffer.concat(chunks).toString("utf8");
  return { status: response.statusCode ?? 0, headers: response.headers, body };
}
