import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { connect, type TLSSocket } from "node:tls";
import { fullest } from "../api/valid-objects.ts";
import { reviewOf } from "./reviews.ts";
import { type Serving, serve } from "./serving.ts";

const BODY = JSON.stringify(reviewOf("PullPolicy", fullest("PullPolicy")));
const HEAD = `POST /validate HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(BODY)}\r\n\r\n`;

async function opened({ port, certificate }: Serving): Promise<TLSSocket> {
  const socket = connect({ host: "127.0.0.1", port, ca: certificate?.caPem ?? "" });
  await once(socket, "secureConnect");
  return socket;
}

async function answerTo(socket: TLSSocket, text: string): Promise<string> {
  const answered = once(socket, "data");
  socket.write(text);
  return String((await answered)[0]);
}

test("after SIGTERM every open connection still gets its answer, the last one, and is closed", async () => {
  const leaving = await serve();
  const idle = await Promise.all(Array.from({ length: 16 }, () => opened(leaving)));
  const busy = await Promise.all(Array.from({ length: 16 }, () => opened(leaving)));
  for (const socket of idle) {
    assert.match(
      await answerTo(socket, HEAD + BODY),
      /^HTTP\/1\.1 200 OK.*connection: keep-alive/is,
    );
  }
  for (const socket of busy) socket.write(HEAD + BODY.slice(0, 40));
  leaving.terminate();
  const closed = [...idle, ...busy].map((socket) => once(socket, "close"));
  const answers = await Promise.all([
    ...idle.map((socket) => answerTo(socket, HEAD + BODY)),
    ...busy.map((socket) => answerTo(socket, BODY.slice(40))),
  ]);
  for (const answer of answers) {
    assert.match(answer, /^HTTP\/1\.1 200 OK.*connection: close.*"allowed":true/is);
  }
  await Promise.all(closed);
  await leaving.stop();
});
