import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { type AddressInfo, connect } from "node:net";
import type { Duplex } from "node:stream";

/** A request that a proxy was sent: `CONNECT host:port`, or a method with a whole address. */
export interface Proxied {
  readonly line: string;
  readonly authorization: string | undefined;
  readonly headers: IncomingMessage["headers"];
}

/** A forwarding proxy as companies run them. */
export interface Proxy {
  readonly url: string;
  readonly seen: readonly Proxied[];
  [Symbol.asyncDispose](): Promise<void>;
}

export interface ProxyOptions {
  /** The login it wants, as `user:password`. */
  readonly login?: string;
  /** Answers every request with this status instead of forwarding it. */
  readonly refuses?: number;
}

/** Starts a proxy that tunnels and forwards to the port that is asked for, on this machine whatever the name says. */
export async function startProxy({ login, refuses }: ProxyOptions = {}): Promise<Proxy> {
  const seen: Proxied[] = [];
  const sockets = new Set<Duplex>();
  const wanted = login && `Basic ${Buffer.from(login).toString("base64")}`;
  function refusal(message: IncomingMessage): number | undefined {
    const authorization = message.headers["proxy-authorization"];
    seen.push({
      line: `${message.method} ${message.url}`,
      authorization,
      headers: message.headers,
    });
    return wanted !== undefined && authorization !== wanted ? 407 : refuses;
  }
  function forward(message: IncomingMessage, response: ServerResponse): void {
    const status = refusal(message);
    if (status !== undefined) {
      response.writeHead(status, { "proxy-authenticate": "Basic" }).end();
      return;
    }
    const { pathname, search, port } = new URL(message.url ?? "");
    const { method, headers } = message;
    const onward = request({ host: "127.0.0.1", port, path: pathname + search, method, headers });
    onward.on("response", (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on("error", () => response.destroy());
    message.pipe(onward);
  }
  const server = createServer(forward);
  server.on("connect", (message, socket) => {
    const status = refusal(message);
    if (status !== undefined) {
      socket.end(`HTTP/1.1 ${status} No\r\nproxy-authenticate: Basic\r\n\r\n`);
      return;
    }
    const onward = connect(Number(message.url?.split(":").at(-1)), "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      onward.pipe(socket).pipe(onward);
    });
    for (const end of [onward, socket]) {
      sockets.add(end);
      end.on("error", () => onward.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
