import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Folder, makeFolder } from "./folder.ts";

/** How much the API server writes down of each request: who did what, also what was sent, also what was answered. */
export type AuditLevel = "Metadata" | "Request" | "RequestResponse";

/** What the tests read of one request in the log; the log has more. */
export interface AuditEvent {
  readonly verb: string;
  readonly requestURI: string;
  readonly user: { readonly username: string };
  readonly userAgent?: string;
  readonly objectRef?: {
    readonly resource?: string;
    readonly subresource?: string;
    readonly namespace?: string;
    readonly name?: string;
    readonly uid?: string;
  };
  /** When it came and when it was answered, to the microsecond. */
  readonly requestReceivedTimestamp?: string;
  readonly stageTimestamp?: string;
  readonly responseStatus?: { readonly code?: number };
  readonly annotations?: Readonly<Record<string, string>>;
  readonly requestObject?: unknown;
  readonly responseObject?: unknown;
}

/** The log of an API server of its own. */
export interface AuditLog {
  /** What the API server must be started with. */
  readonly flags: Readonly<Record<string, string>>;
  /** Every finished request until now, watches once they begin. */
  events(): Promise<readonly AuditEvent[]>;
  remove(): Promise<void>;
}

export async function makeAuditLog(level: AuditLevel): Promise<AuditLog> {
  const folder: Folder = await makeFolder("audit");
  const policy = join(folder.path, "policy.json");
  const log = join(folder.path, "audit.log");
  const kind = { apiVersion: "audit.k8s.io/v1", kind: "Policy" };
  await writeFile(
    policy,
    JSON.stringify({ ...kind, omitStages: ["RequestReceived"], rules: [{ level }] }),
  );
  await writeFile(log, "");
  return {
    flags: { "audit-policy-file": policy, "audit-log-path": log },
    async events() {
      // The last line may still be being written.
      const lines = (await readFile(log, "utf8")).split("\n").slice(0, -1);
      return lines.map((line): AuditEvent => JSON.parse(line));
    },
    remove: folder.remove,
  };
}
