import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { ask } from "./http.ts";

/** A replica behind a balancer. */
export interface Backend {
  readonly port: number;
  /** Base of the plain port that answers `/readyz`. */
  readonly healthUrl: string;
}

/** A TCP balancer on loopback, which sends new connections to ready replicas in turn, as a Service does. */
export interface Balancer {
  readonly port: number;
  /** From now on these are the replicas; connections to others stay. */
  use(backends: readonly Backend[]): void;
  /** How many replicas are ready. */
  readyCount(): number;
  close(): Promise<void>;
}

const ASK_EVERY_MS = 100;

/** Starts a balancer, at a port of its own or the given one. */
export async function startBalancer(port = 0): Promise<Balancer> {
  let backends: readonly Backend[] = [];
  let ready: readonly Backend[] = [];
  let turn = 0;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const backend = ready[turn++ % Math.max(1, ready.length)];
    if (backend === undefined) {
      client.destroy();
      return;
    }
    join(client, connect(backend.port, "127.0.0.1"), sockets);
  });
  async function look(): Promise<void> {
    const asked = backends;
    const answers = await Promise.all(asked.map(isReady));
    if (asked === backends) ready = asked.filter((_, index) => answers[index]);
  }
  const timer = setInterval(() => void look(), ASK_EVERY_MS);
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    use(next) {
      backends = next;
      ready = ready.filter((backend) => next.includes(backend));
    },
    readyCount: () => ready.length,
    async close() {
      clearInterval(timer);
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

async function isReady({ healthUrl }: Backend): Promise<boolean> {
  return ask(`${healthUrl}/readyz`).then(
    ({ status }) => status === 200,
    () => false,
  );
}

function join(client: Socket, server: Socket, sockets: Set<Socket>): void {
  for (const socket of [client, server]) {
    socket.setNoDelay(true);
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => {
      sockets.delete(socket);
      client.destroy();
      server.destroy();
    });
  }
  client.pipe(server);
  server.pipe(client);
}
