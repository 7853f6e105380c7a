import type { IncomingMessage } from "node:http";
import { Agent, type AgentOptions, request } from "node:https";
import { connect, createSecureContext } from "node:tls";

/** What a steady load came to. */
export interface Outcome {
  readonly sent: number;
  /** What each request that did not get its verdict met. */
  readonly lost: readonly string[];
  readonly perSecond: number;
  /** Of 100 answers 99 came within these milliseconds. */
  readonly p99Ms: number;
}

export interface Load {
  /** How many it has sent until now. */
  sent(): number;
  /** Sends no more, waits for the answers that are out, and tells what came of it all. */
  stop(): Promise<Outcome>;
}

/** Sends at a steady pace, whether or not earlier requests are answered; `send` gives what went wrong. */
export function startLoad(perSecond: number, send: () => Promise<string | undefined>): Load {
  const lost: string[] = [];
  const took: number[] = [];
  const open = new Set<Promise<void>>();
  const since = performance.now();
  let sent = 0;
  async function once(): Promise<void> {
    const began = performance.now();
    const mistake = await send();
    took.push(performance.now() - began);
    if (mistake !== undefined) lost.push(mistake);
  }
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - since) / 1_000) * perSecond) - sent;
    for (let count = 0; count < Math.min(due, MOST_AT_ONCE); count++) {
      sent++;
      const answered = once().finally(() => open.delete(answered));
      open.add(answered);
    }
  }, 10);
  return {
    sent: () => sent,
    async stop() {
      clearInterval(timer);
      const seconds = (performance.now() - since) / 1_000;
      await Promise.all(open);
      const p99Ms = took.sort((a, b) => a - b)[Math.floor(took.length * 0.99)] ?? Number.NaN;
      return { sent, lost, perSecond: sent / seconds, p99Ms };
    },
  };
}

/** What was missed while this process was busy is made up for little by little. */
const MOST_AT_ONCE = 20;

/** Where reviews are sent to. */
export interface Target {
  readonly port: number;
  readonly body: string;
}

/** Sends reviews over kept-alive connections, every twentieth over one of its own. */
export interface Sender {
  /** From now on new connections trust these authorities, in PEM, and no others. */
  trust(pem: string): void;
  /** Sends one; gives what went wrong. */
  send(): Promise<string | undefined>;
  close(): void;
}

export function reviewSender({ port, body }: Target, trusted: string): Sender {
  let secureContext = createSecureContext({ ca: trusted });
  const agentWith = (options: AgentOptions) =>
    Object.assign(new Agent(options), {
      // As an API server does, goes by what is trusted when the connection is made.
      createConnection: () => connect({ ...PLACE, port, secureContext }),
    });
  const kept = agentWith({ keepAlive: true, maxSockets: 16 });
  const single = agentWith({ keepAlive: false });
  const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
  const call = { ...PLACE, port, path: "/validate?timeout=5s", method: "POST", headers };
  let count = 0;
  return {
    trust(pem) {
      secureContext = createSecureContext({ ca: pem });
    },
    send() {
      const agent = count++ % 20 === 0 ? single : kept;
      return new Promise((resolve) => {
        const sent = request({ ...call, agent }, (response) => readVerdict(response).then(resolve));
        sent.on("error", (error) => resolve(String(error)));
        sent.end(body);
      });
    },
    close() {
      kept.destroy();
      single.destroy();
    },
  };
}

const PLACE = { host: "127.0.0.1", servername: "localhost" };

async function readVerdict(response: IncomingMessage): Promise<string | undefined> {
  try {
    let text = "";
    for await (const chunk of response.setEncoding("utf8")) text += chunk;
    const isAllowed = response.statusCode === 200 && text.includes('"allowed":true');
    return isAllowed ? undefined : `${response.statusCode}: ${text}`;
  } catch (error) {
    return String(error);
  }
}
