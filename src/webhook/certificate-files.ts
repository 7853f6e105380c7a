import { type FSWatcher, watch } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { isRecord } from "../api/record.ts";
import type { Logger } from "../runtime/logger.ts";
import {
  type CertificateSource,
  type PairTexts,
  parsePair,
  type ServingPair,
  validityFault,
} from "./certificate.ts";

/** Paths of PEM files, usually of a mounted Secret. */
export interface CertificateFiles {
  readonly certFile: string;
  readonly keyFile: string;
  readonly clientCaFile?: string;
}

export interface FileSourceOptions extends CertificateFiles {
  readonly log: Logger;
  readonly now: () => number;
  readonly pollMs?: number;
}

/** Folders of mounted Secrets change by a swapped symlink, which not every file system reports. */
const POLL_MS = 10_000;
/** Files change one after the other: let the change come to an end. */
const SETTLE_MS = 100;

/**
 * Serves the pair in the files and looks for another whenever their folders change, and every 10 s. A pair that
 * cannot be used is reported once and the one before goes on.
 */
export async function watchFiles(options: FileSourceOptions): Promise<CertificateSource> {
  const { log, now, pollMs = POLL_MS } = options;
  const users: ((pair: ServingPair) => void)[] = [];
  const state: { seen?: string; pair?: ServingPair; reading: Promise<void> } = {
    reading: Promise.resolve(),
  };
  async function look(): Promise<void> {
    const texts = await readTexts(options);
    const seen = JSON.stringify(texts);
    if (seen === state.seen) return;
    state.seen = seen;
    const next = "fault" in texts ? texts : usable(texts, { before: state.pair, now: now() });
    if ("fault" in next) {
      log.warn({ fault: next.fault, serving: state.pair !== undefined }, "certificate not taken");
      return;
    }
    state.pair = next;
    log.info({ notAfter: new Date(next.notAfter).toISOString() }, "certificate loaded");
    for (const use of users) use(next);
  }
  const again = () => {
    state.reading = state.reading.then(look);
  };
  await look();
  const stop = repeat(again, options, pollMs);
  return {
    current: () => state.pair,
    onChange(use) {
      users.push(use);
      if (state.pair !== undefined) use(state.pair);
    },
    close: stop,
  };
}

function repeat(again: () => void, files: CertificateFiles, pollMs: number): () => void {
  let settling: NodeJS.Timeout | undefined;
  const soon = () => {
    clearTimeout(settling);
    settling = setTimeout(again, SETTLE_MS).unref();
  };
  const poll = setInterval(again, pollMs).unref();
  const paths = [files.certFile, files.keyFile, files.clientCaFile ?? files.certFile];
  const watchers = [...new Set(paths.map((path) => dirname(path)))].flatMap((folder) =>
    watched(folder, soon),
  );
  return () => {
    clearInterval(poll);
    clearTimeout(settling);
    for (const watcher of watchers) watcher.close();
  };
}

/** A folder that cannot be watched is polled all the same. */
function watched(folder: string, changed: () => void): readonly FSWatcher[] {
  try {
    const watcher = watch(folder, { persistent: false }, changed);
    watcher.on("error", () => watcher.close());
    return [watcher];
  } catch {
    return [];
  }
}

interface Fault {
  readonly fault: string;
}

async function readTexts(files: CertificateFiles): Promise<PairTexts | Fault> {
  const { certFile, keyFile, clientCaFile } = files;
  try {
    const [certPem = "", keyPem = "", clientCaPem] = await Promise.all(
      [certFile, keyFile, ...(clientCaFile === undefined ? [] : [clientCaFile])].map((path) =>
        readFile(path, "utf8"),
      ),
    );
    return { certPem, keyPem, clientCaPem };
  } catch (error) {
    const why = isRecord(error) && typeof error["code"] === "string" ? error["code"] : "unreadable";
    return { fault: `the files cannot be read (${why}); mount the Secret with the certificate` };
  }
}

/** An expired pair replaces only one that is no better. */
function usable(
  texts: PairTexts,
  { before, now }: { readonly before: ServingPair | undefined; readonly now: number },
): ServingPair | Fault {
  const pair = parsePair(texts);
  if (!pair.ok) return { fault: `${pair.fault.what}; ${pair.fault.fix}` };
  const worse = validityFault(pair.value, now);
  if (worse === undefined || validityFault(before, now) !== undefined) return pair.value;
  return { fault: `the new certificate is not valid now: ${worse}` };
}
