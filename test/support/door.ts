import { once } from "node:events";
import {
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";

/** How a registry behind a door is to be reached. */
export type DoorState =
  /** Nobody listens. */
  | "shut"
  /** As if there were no door. */
  | "open"
  /** 429, as Docker Hub says it. */
  | "busy"
  /** 403. */
  | "denying"
  /** It takes every request and answers none. */
  | "hanging";

/** A way to a registry that can be made to go wrong while it is used. */
export interface Door {
  /** "http://127.0.0.1:PORT", the same whatever its state. */
  readonly url: string;
  /** The requests so far, such as "HEAD /v2/team/app/manifests/1". */
  readonly asked: readonly string[];
  become(state: DoorState): Promise<void>;
  stop(): Promise<void>;
}

/** Starts it in front of the registry at that URL. */
export async function startDoor(registryUrl: string, first: DoorState = "open"): Promise<Door> {
  let state: DoorState = "open";
  const asked: string[] = [];
  const server = createServer((message, response) => {
    asked.push(`${message.method} ${message.url}`);
    answer(state, registryUrl, message, response);
  });
  const port = await listen(server, 0);
  const door: Door = {
    url: `http://127.0.0.1:${port}`,
    asked,
    async become(next) {
      const wasShut = state === "shut";
      state = next;
      // What hangs, hangs in the old state.
      server.closeAllConnections();
      if (next === "shut" && !wasShut) await close(server);
      if (next !== "shut" && wasShut) await listen(server, port);
    },
    async stop() {
      server.closeAllConnections();
      if (state !== "shut") await close(server);
    },
  };
  await door.become(first);
  return door;
}

function answer(
  state: DoorState,
  registryUrl: string,
  message: IncomingMessage,
  response: ServerResponse,
): void {
  if (state === "hanging") return;
  if (state === "busy")
    refuse(response, 429, "TOOMANYREQUESTS", "You have reached your pull rate limit.");
  else if (state === "denying")
    refuse(response, 403, "DENIED", "requested access to the resource is denied");
  else forward(registryUrl, message, response);
}

function refuse(response: ServerResponse, status: number, code: string, text: string): void {
  const body = JSON.stringify({ errors: [{ code, message: text, detail: null }] });
  response.writeHead(status, { "content-type": "application/json" }).end(body);
}

function forward(registryUrl: string, message: IncomingMessage, response: ServerResponse): void {
  const { method, headers, url = "/" } = message;
  const onward = request(new URL(url, registryUrl), { method, headers });
  onward.on("response", (given) => {
    response.writeHead(given.statusCode ?? 502, given.headers);
    given.pipe(response);
  });
  onward.on("error", () => response.destroy());
  message.pipe(onward);
}

async function listen(server: Server, port: number): Promise<number> {
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const { port: given } = server.address() as AddressInfo;
  return given;
}

async function close(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
}
