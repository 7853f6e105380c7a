import type { ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import type { Resolve } from "../../../src/runtime/endpoint-guard.ts";
import { faultServer, json, type Seen } from "../../runtime/fault-server.ts";
import { type PrivateAuthority, startTls } from "./tls.ts";

export type SourceKind = "registry" | "prometheus";

/** What a fault leaves of a source's answer: nothing, a part, or all of it in the end. */
export type Outcome = "failed" | "partial" | "complete";

/** A server in trouble, as a source finds it. */
export interface Trouble {
  readonly url: string;
  readonly resolve?: Resolve;
  [Symbol.asyncDispose](): Promise<void>;
}

/** One way in which a source can go wrong. */
export interface Fault {
  readonly name: string;
  readonly kinds: readonly SourceKind[];
  readonly outcome: Outcome;
  /** What the message must say of the cause, and what to do; absent where nobody needs to know. */
  readonly cause?: RegExp;
  readonly fix?: RegExp;
  /** Whether the source has no Secret, where a login would stop the fault from showing. */
  readonly isAnonymous?: boolean;
  /** Deadlines are this many times shorter. */
  readonly hurry?: number;
  start(kind: SourceKind): Promise<Trouble>;
}

type Answer = (response: ServerResponse, seen: Seen, count: number) => void;

/** The images that the healthy source has, newest first, and their answer. */
export const TAGS = ["v2.0.0", "v1.0.0"] as const;

/** What a healthy source of the kind answers; `warnings` and further series are Prometheus' own. */
export function healthy(
  kind: SourceKind,
  response: ServerResponse,
  { warnings, more = [] }: { warnings?: readonly string[]; more?: readonly unknown[] } = {},
): void {
  if (kind === "registry") {
    json(response, { name: "team/app", tags: TAGS });
    return;
  }
  const series = TAGS.map((tag, rank) => ({
    metric: { image: `used.example.com/team/app:${tag}` },
    value: [1_700_000_000, String(100 - rank)],
  }));
  const result = [...series, ...more];
  json(response, { status: "success", data: { resultType: "vector", result }, warnings });
}

const BOTH = ["registry", "prometheus"] as const;

/** A server that answers every request as told; `count` is the number of the request, from 1. */
async function server(answer: Answer): Promise<Trouble> {
  let count = 0;
  return faultServer((seen, response) => answer(response, seen, ++count));
}

/** A body that repeats whatever secrets it was sent, as careless servers do. */
function echo({ headers, body }: Seen): string {
  const error = `not with ${headers.authorization}`;
  return JSON.stringify({ status: "error", error, headers, body });
}

function always(status: number): Fault["start"] {
  return () =>
    server((response, seen) => {
      response.writeHead(status, { "content-type": "application/json" }).end(echo(seen));
    });
}

function once(status: number, headers: () => Record<string, string> = () => ({})): Fault["start"] {
  return (kind) =>
    server((response, seen, count) => {
      if (count > 1) healthy(kind, response);
      else response.writeHead(status, headers()).end(echo(seen));
    });
}

async function closedPort(): Promise<Trouble> {
  const gone = await faultServer(() => undefined);
  await gone[Symbol.asyncDispose]();
  return { url: gone.url, [Symbol.asyncDispose]: async () => undefined };
}

/** Sends for as long as anybody reads. */
function pour(response: ServerResponse): void {
  const chunk = Buffer.alloc(1 << 18, "[");
  const more = () => {
    while (!response.destroyed && response.write(chunk));
  };
  response.on("drain", more);
  more();
}

const bomb = gzipSync(Buffer.alloc(128 << 20, " "));

/** A registry whose token is refused in the middle of its list, and that gives a new one. */
const expiringToken: Fault["start"] = async () => {
  let tokens = 0;
  return server((response, { path, headers }) => {
    if (path.startsWith("/token")) {
      json(response, { token: `t${++tokens}` });
      return;
    }
    const isLast = path.includes("last=");
    if (headers.authorization !== `Bearer t${isLast ? 2 : 1}`) {
      const challenge = `Bearer realm="http://${headers.host}/token",service="s"`;
      response.writeHead(401, { "www-authenticate": challenge }).end();
      return;
    }
    const link = '</v2/team/app/tags/list?last=v1.0.0>; rel="next"';
    response.writeHead(200, isLast ? {} : { link });
    response.end(JSON.stringify({ tags: [isLast ? "v2.0.0" : "v1.0.0"] }));
  });
};

/** DNS gives this machine first and then a metadata service. */
const rebinding: Fault["start"] = async (kind) => {
  let asked = 0;
  const plain = await server((response) => {
    response.setHeader("connection", "close");
    if (kind === "prometheus") response.writeHead(405).end();
    else {
      response.setHeader("link", '</v2/team/app/tags/list?last=v1>; rel="next"');
      healthy(kind, response);
    }
  });
  return {
    ...plain,
    url: plain.url.replace("127.0.0.1", "rebound.example.com"),
    resolve: async () => [{ address: asked++ === 0 ? "127.0.0.1" : "169.254.169.254", family: 4 }],
  };
};

/** Every fault of the matrix. */
export function faults(authority: PrivateAuthority): readonly Fault[] {
  return [...brokenConnections(authority), ...refusals(), ...oddAnswers(), ...traps()];
}

function brokenConnections(authority: PrivateAuthority): readonly Fault[] {
  const network = /check the address, the network, and the proxy settings/;
  return [
    {
      name: "refused",
      kinds: BOTH,
      outcome: "failed",
      cause: /is not reachable: nothing listens there/,
      fix: network,
      start: closedPort,
    },
    {
      name: "reset",
      kinds: BOTH,
      outcome: "failed",
      cause: /is not reachable: the connection was cut/,
      fix: network,
      start: () => server((response) => void response.socket?.resetAndDestroy()),
    },
    {
      name: "cut body",
      kinds: BOTH,
      outcome: "failed",
      cause: /the connection was cut|is broken or was cut off/,
      fix: /check (the address|what answers)/,
      start: () =>
        server((response) => {
          response.writeHead(200, { "content-length": "1000" }).write('{"tags":["v9');
          setImmediate(() => response.socket?.destroy());
        }),
    },
    {
      name: "slow body",
      kinds: BOTH,
      outcome: "failed",
      cause: /did not answer within 30 s/,
      fix: /check that it is up, and try again/,
      hurry: 60,
      start: () =>
        server((response) => {
          const timer = setInterval(() => response.write(" "), 10);
          response.on("close", () => clearInterval(timer));
        }),
    },
    {
      name: "wrong certificate",
      kinds: BOTH,
      outcome: "failed",
      cause: /no trusted TLS connection/,
      fix: /"ca\.crt"/,
      start: () => startTls(authority),
    },
  ];
}

function refusals(): readonly Fault[] {
  return [
    {
      name: "401",
      kinds: BOTH,
      outcome: "failed",
      cause: /answered 401: it wants a login/,
      fix: /secretRef/,
      start: always(401),
    },
    {
      name: "403",
      kinds: BOTH,
      outcome: "failed",
      cause: /answered 403: not allowed/,
      fix: /login/,
      start: always(403),
    },
    {
      name: "404",
      kinds: BOTH,
      outcome: "failed",
      cause: /has no repository team\/app|nothing is there/,
      fix: /check (its spelling|the endpoint|the address)/,
      start: always(404),
    },
    {
      name: "429, seconds",
      kinds: BOTH,
      outcome: "complete",
      start: once(429, () => ({ "retry-after": "30" })),
    },
    {
      name: "429, date",
      kinds: BOTH,
      outcome: "complete",
      start: once(429, () => ({ "retry-after": new Date(Date.now() + 40_000).toUTCString() })),
    },
    {
      name: "429 always",
      kinds: BOTH,
      outcome: "failed",
      cause: /answered 429: too many requests/,
      fix: /ask less often/,
      start: always(429),
    },
    { name: "500 once", kinds: BOTH, outcome: "complete", start: once(500) },
    {
      name: "500 always",
      kinds: BOTH,
      outcome: "failed",
      cause: /answered 500: it is in trouble/,
      fix: /that server's own logs/,
      start: always(500),
    },
    {
      name: "expired token mid-paging",
      kinds: ["registry"],
      outcome: "complete",
      start: expiringToken,
    },
  ];
}

function oddAnswers(): readonly Fault[] {
  return [
    {
      name: "endless page loop",
      kinds: ["registry"],
      outcome: "partial",
      cause: /links to further pages lead nowhere/,
      fix: /the registry's own logs/,
      start: (kind) =>
        server((response) => {
          response.setHeader("link", '</v2/team/app/tags/list?last=x>; rel="next"');
          healthy(kind, response);
        }),
    },
    {
      name: "page without Link",
      kinds: ["registry"],
      outcome: "complete",
      start: () =>
        server((response, { path }) => {
          const isFirst = !path.includes("last=");
          const old = Array.from({ length: 1000 }, (_, index) => `v0.${index}.0`);
          json(response, { tags: isFirst ? old : TAGS });
        }),
    },
    {
      name: "10 GB answer",
      kinds: BOTH,
      outcome: "failed",
      cause: /answers with more than 32 MiB/,
      fix: /ask for less/,
      start: () =>
        server((response) => {
          response.writeHead(200, { "content-length": String(10 * 2 ** 30) });
          pour(response);
        }),
    },
    {
      name: "gzip bomb",
      kinds: BOTH,
      outcome: "failed",
      cause: /answers with more than 32 MiB/,
      fix: /ask for less/,
      start: () =>
        server((response) => {
          response.writeHead(200, { "content-encoding": "gzip" }).end(bomb);
        }),
    },
    {
      name: "HTML instead of JSON",
      kinds: BOTH,
      outcome: "failed",
      cause: /answered with text\/html that is no JSON/,
      fix: /a login page, a proxy or another service/,
      start: () =>
        server((response, seen) => {
          response.writeHead(200, { "content-type": "text/html" }).end(`<h1>${echo(seen)}</h1>`);
        }),
    },
    {
      name: "NaN",
      kinds: ["prometheus"],
      outcome: "complete",
      cause: /left out: 1 series without any number that counts/,
      start: (kind) =>
        server((response) => {
          const metric = { image: "used.example.com/team/nan:1" };
          healthy(kind, response, { more: [{ metric, value: [1_700_000_000, "NaN"] }] });
        }),
    },
    {
      name: "warnings",
      kinds: ["prometheus"],
      outcome: "partial",
      cause: /came with a warning: a store did not answer/,
      fix: /see whether every store behind the endpoint answers/,
      start: (kind) =>
        server((response) => healthy(kind, response, { warnings: ["a store did not answer"] })),
    },
  ];
}

function traps(): readonly Fault[] {
  const location = "http://169.254.169.254/latest/meta-data/iam";
  return [
    {
      name: "redirect to metadata",
      kinds: BOTH,
      outcome: "failed",
      isAnonymous: true,
      cause: /169\.254\.169\.254, which is never asked/,
      fix: /use an address that the network of your registries and metrics has/,
      start: () => server((response) => void response.writeHead(302, { location }).end()),
    },
    {
      name: "DNS rebinding",
      kinds: BOTH,
      outcome: "failed",
      cause: /rebound\.example\.com leads to 169\.254\.169\.254, which is never asked/,
      fix: /use an address that the network of your registries and metrics has/,
      start: rebinding,
    },
  ];
}
