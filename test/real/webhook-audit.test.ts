import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { changed, smallest } from "../api/valid-objects.ts";
import type { AuditEvent } from "../support/audit.ts";
import type { Child } from "../support/child.ts";
import { unavailable } from "../support/tools.ts";
import { until } from "../support/until.ts";
import { startWebhookCluster, type WebhookCluster } from "./webhook-cluster.ts";

const skip = await unavailable("kube-apiserver", "etcd", "kubectl");

const MUTATE = "mutate.drop.corewire.io/rules";
const VALIDATE = "validate.drop.corewire.io/rules";

/** What is created, whether that succeeds, and the rules that the audit log has for it, by webhook. */
const ROWS: readonly (readonly [string, unknown, boolean, Readonly<Record<string, string>>])[] = [
  ["an object without fault", { image: "docker.io/library/nginx", tag: "1.27" }, true, {}],
  [
    "a refused object",
    { image: "nginx:1.27", tag: "a b", imagePullPolicy: "Never" },
    false,
    { [MUTATE]: "DROP1006,DROP1008,DROP2002" },
  ],
  [
    "an object with warnings",
    { image: "nginx", tag: "latest" },
    true,
    { [MUTATE]: "DROP2001,DROP2003", [VALIDATE]: "DROP2001,DROP2003" },
  ],
];

describe("the audit log of a real API server", { skip }, () => {
  let cluster: WebhookCluster;
  let webhook: Child;

  before(async () => {
    cluster = await startWebhookCluster({ audit: "Metadata" });
    webhook = await cluster.startWebhook();
  });

  after(async () => {
    await webhook?.stop();
    await cluster?.kubernetes.stop();
  });

  for (const [index, [what, spec, isAllowed, expected]] of ROWS.entries()) {
    test(`names the rules that ${what} meets`, async () => {
      const name = `audited-${index}`;
      const object = changed({ ...smallest("CachedImage"), spec }, "metadata.name", name);
      const created = await cluster.kubernetes.kubectl(
        ["create", "-f", "-"],
        JSON.stringify(object),
      );
      assert.equal(created.code === 0, isAllowed, created.stderr);
      const event = await createOf(name);
      assert.equal(event.responseStatus?.code, isAllowed ? 201 : 422);
      const ours = Object.entries(event.annotations ?? {}).filter(([key]) =>
        key.endsWith("/rules"),
      );
      assert.deepEqual(Object.fromEntries(ours), expected);
    });
  }

  /** What the log has on the creation of an object; it is written a moment after the answer. */
  async function createOf(name: string): Promise<AuditEvent> {
    let found: AuditEvent | undefined;
    const isIt = ({ verb, objectRef }: AuditEvent) => verb === "create" && objectRef?.name === name;
    await until(
      async () => {
        found = (await cluster.kubernetes.audit()).find(isIt);
        return found !== undefined;
      },
      { what: `${name} in the audit log` },
    );
    return found ?? assert.fail();
  }
});
