import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, test } from "node:test";
import { connect, type TLSSocket } from "node:tls";
import { MAX_BODY_BYTES } from "../../src/webhook/body.ts";
import { fullest } from "../api/valid-objects.ts";
import { makeFolder } from "../support/folder.ts";
import { until } from "../support/until.ts";
import { makePair, writePair } from "./certificates.ts";
import { reviewSender, startLoad } from "./load.ts";
import { type Replica, startReplica } from "./replicas.ts";
import { reviewOf } from "./reviews.ts";

const BODY = JSON.stringify(reviewOf("DiscoveryPolicy", fullest("DiscoveryPolicy")));
const HEAD = "POST /validate?timeout=5s HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n";

const pair = await makePair();
const folder = await makeFolder("slow-senders");
let replica: Replica;

before(async () => {
  await writePair(folder.path, pair);
  replica = await startReplica(folder.path);
});

after(async () => {
  if (replica.child.ended() === undefined) process.kill(replica.child.pid, "SIGKILL");
  await folder.remove();
});

async function opened(): Promise<TLSSocket> {
  const { port } = replica.backend;
  const place = { host: "127.0.0.1", servername: "localhost", port, ca: pair.caPem };
  const socket = connect({ ...place, checkServerIdentity: () => undefined });
  await once(socket, "secureConnect");
  // Being cut is what it waits for.
  socket.on("error", () => undefined);
  return socket;
}

/** Sends a text one character a second, and on until it is cut; gives what it was answered. */
async function dribble(head: string, text: string): Promise<string> {
  const socket = await opened();
  socket.write(head);
  let sent = 0;
  const timer = setInterval(() => socket.write(text[sent++ % text.length] ?? ""), 1_000);
  const answer = await answerOf(socket);
  clearInterval(timer);
  return answer;
}

/** Sends as fast as it can and without an end, until it is cut. */
async function pour(head: string, piece: Buffer): Promise<string> {
  const socket = await opened();
  socket.write(head);
  const more = () => {
    while (!socket.destroyed && socket.write(piece));
  };
  socket.on("drain", more);
  more();
  return answerOf(socket);
}

async function answerOf(socket: TLSSocket): Promise<string> {
  let text = "";
  socket.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  // Not `once`, for which an error, here welcome, is the end.
  await new Promise((resolve) => socket.once("close", resolve));
  return text;
}

const MIB = Buffer.alloc(1024 * 1024, 0x20);
const LETTERS = Buffer.alloc(1024 * 1024, "a");
const CHUNK = Buffer.concat([Buffer.from("100000\r\n"), MIB, Buffer.from("\r\n")]);

/** Ways to keep a webhook busy, and what each is answered; nothing where too much had been sent to read an answer. */
const WAYS: readonly (readonly [string, number, () => Promise<string>, RegExp])[] = [
  [
    "headers by the letter",
    50,
    () => dribble("", `${HEAD}x-note: ${"a".repeat(60)}`),
    /^HTTP\/1\.1 408 /,
  ],
  [
    "bodies by the letter",
    50,
    () => dribble(`${HEAD}content-length: 900\r\n\r\n`, BODY),
    /^HTTP\/1\.1 408 /,
  ],
  [
    "a body said to be too long",
    50,
    () => dribble(`${HEAD}content-length: ${MAX_BODY_BYTES + 1}\r\n\r\n`, BODY),
    /^HTTP\/1\.1 413 /,
  ],
  [
    "a body without an end",
    4,
    () => pour(`${HEAD}transfer-encoding: chunked\r\n\r\n`, CHUNK),
    /^$|^HTTP\/1\.1 413 /,
  ],
  ["headers without an end", 4, () => pour(`${HEAD}x-note: `, LETTERS), /^$|^HTTP\/1\.1 431 /],
];

test("senders that are slow or never end are cut, while 200 reviews a second lose none", {
  timeout: 120_000,
}, async (t) => {
  const sender = reviewSender({ port: replica.backend.port, body: BODY }, pair.caPem);
  const calm = await quietly(sender.send);
  const load = startLoad(200, sender.send);
  const cuts = WAYS.flatMap(([, count, way]) => Array.from({ length: count }, way));
  const answers = await Promise.all(cuts);
  const { sent, lost, p99Ms } = await load.stop();
  sender.close();
  t.diagnostic(
    `${sent} reviews, p99 ${p99Ms.toFixed(1)} ms; ${calm.toFixed(1)} ms without the senders`,
  );
  assert.deepEqual(lost.slice(0, 3), []);
  assert.ok(sent > 1_000);
  for (const [what, count, , expected] of WAYS) {
    for (const answer of answers.splice(0, count)) assert.match(answer, expected, what);
  }
});

/** The 99th percentile of the same load by itself. */
async function quietly(send: () => Promise<string | undefined>): Promise<number> {
  const load = startLoad(200, send);
  await until(() => load.sent() >= 600, { what: "600 reviews to be sent", withinMs: 30_000 });
  return (await load.stop()).p99Ms;
}
