import assert from "node:assert/strict";
import { test } from "node:test";
import type { PullRule } from "../support/kwok-stages.ts";
import { conditionIn, isReady, whyNotReady } from "../support/status-watch.ts";
import { requireTool } from "../support/tools.ts";
import { until } from "../support/until.ts";
import { startFleet } from "./reconciler/fleet.ts";
import { cachedImage, pullPolicy, under } from "./reconciler/objects.ts";

/** What a real kubelet 1.36 with containerd 2.4 said. */
const failures = {
  notFound:
    'rpc error: code = NotFound desc = failed to pull and unpack image "IMAGE": failed to resolve image: IMAGE: not found',
  refused:
    'failed to pull and unpack image "IMAGE": failed to resolve image: failed to do request: Head "http://127.0.0.1:5000/v2/team/app/manifests/1?ns=%5BREDACTED%5D": dial tcp 127.0.0.1:5000: connect: connection refused',
  diskFull:
    'failed to pull and unpack image "IMAGE": failed to extract layer (application/vnd.oci.image.layer.v1.tar+gzip sha256:1111111111111111111111111111111111111111111111111111111111111111) to overlayfs as "extract-1 sha256:1111111111111111111111111111111111111111111111111111111111111111": write /usr/lib/big: no space left on device',
} as const;

function failing(message: string, where: Pick<PullRule, "image" | "node">): PullRule {
  return { ...where, failure: { reason: "ErrImagePull", message } };
}

const rules = [
  failing(failures.refused, { image: "down.example.com/" }),
  failing(failures.notFound, { image: "/missing:" }),
  failing(failures.diskFull, { node: "node-full" }),
  // Nothing is ever heard of it.
  { node: "node-mute" },
];

const nodes = Array.from({ length: 20 }, (_, at) => `node-${at}`);
const good = (at: number) => `good-${at}`;
const down = (at: number) => `down-${at}`;
const many = Array.from({ length: 15 }, (_, at) => at);

test("what is broken delays nothing else", async (t) => {
  if (!(await requireTool(t, "kwok", "kube-apiserver", "etcd", "kubectl"))) return;
  const fleet = await startFleet(t, { rules, pullMs: [200, 400] });
  const { pods, images } = fleet;
  const labels = { healthy: "yes" };
  await fleet.addNodes(...nodes.map((name) => ({ name, labels })), "node-full", "node-mute");
  // A node that fails is left alone for as long as the policy of what it failed with says.
  const patient = { ...under("patient"), nodeSelector: labels };
  const backoff = { failureBackoff: { initial: "3s", max: "5s" } };
  await fleet.create(
    ...many.map((at) =>
      cachedImage(good(at), `registry.example.com/team/app-${at}:1`, under("all")),
    ),
    ...many.map((at) => cachedImage(down(at), `down.example.com/team/app-${at}:1`, under("all"))),
    cachedImage("missing", "registry.example.com/team/missing:1", patient),
    cachedImage("beside-missing", "registry.example.com/team/beside:1", patient),
  );
  await fleet.reconcile({ flags: ["--kube-api-qps", "200", "--kube-api-burst", "200"] });
  const began = performance.now();
  await fleet.create(
    pullPolicy("all", { maxConcurrentNodes: 8, ...backoff }),
    pullPolicy("patient", { maxConcurrentNodes: 8, failureBackoff: { initial: "5m", max: "5m" } }),
  );
  const isDown = (reference: string) => reference.startsWith("down.example.com/");
  const downPods = () => pods.lives().filter(({ references }) => references.some(isDown));

  await t.test("every good image gets onto every good node", async () => {
    for (const at of many) {
      const enough = { what: `${good(at)} on the good nodes`, withinMs: 60_000 };
      const status = () => images.history(good(at)).at(-1)?.status;
      await until(() => (status()?.cachedNodes?.length ?? 0) >= nodes.length, enough);
    }
    t.diagnostic(`all good after ${Math.round(performance.now() - began)} ms`);
  });

  await t.test("a registry that is down for all is asked by one Pod at a time", async () => {
    const from = performance.now();
    const asked = () => downPods().filter(({ addedAt }) => addedAt > from);
    await until(() => asked().length >= 4, { what: "probes", withinMs: 60_000 });
    const probes = asked();
    for (const [at, probe] of probes.entries()) {
      const next = probes[at + 1];
      assert.equal(probe.references.length, 1);
      if (next !== undefined) assert.ok((probe.goneAt ?? Infinity) <= next.addedAt);
    }
    t.diagnostic(`${downPods().length} Pods asked it until ${probes.length} probes had been made`);
    const status = await images.when(
      down(0),
      "refused",
      (seen) => whyNotReady(seen) === "ConnectionRefused",
    );
    assert.match(conditionIn(status, "Ready")?.message ?? "", /down\.example\.com/);
  });

  await t.test("an image that two nodes did not find is asked for no more", async () => {
    const asks = () =>
      pods.lives().filter(({ references }) => references.some((one) => one.includes("/missing:")));
    await images.when("missing", "NotFound", (seen) => whyNotReady(seen) === "NotFound");
    await images.when(
      "beside-missing",
      "everywhere",
      ({ cachedNodes = [] }) => cachedNodes.length >= nodes.length,
    );
    // Nodes that began at once did not know of each other; after that one asked alone.
    const first = asks()[0];
    const late = asks().filter(({ addedAt }) => addedAt > (first?.goneAt ?? Infinity) + 500);
    assert.ok(late.length <= 1, `${late.length} asked after the first had failed`);
    assert.ok(asks().length <= 8 + 2, `${asks().length} asked`);
  });

  await t.test(
    "a node with a full disk is left alone, and Ready does not wait for it",
    async () => {
      const full = () => pods.lives().filter(({ node }) => node === "node-full");
      await until(() => full().length >= 2, { what: "it to be tried again", withinMs: 60_000 });
      assert.ok(full().length < 20, `${full().length} Pods`);
      const status = images.history(good(0)).at(-1)?.status ?? {};
      assert.ok(
        status.failedNodes?.some(
          ({ node, reason }) => node === "node-full" && reason === "DiskPressure",
        ),
      );
    },
  );

  await t.test("all comes right when the registry is back", async () => {
    await fleet.changePulls({ rules: rules.slice(1), pullMs: [200, 400] });
    for (const at of many) {
      const isThere = ({ cachedNodes = [] }: { readonly cachedNodes?: readonly string[] }) =>
        cachedNodes.length >= nodes.length;
      await images.when(down(at), "on the good nodes", isThere);
    }
    assert.ok(!isReady(images.history("missing").at(-1)?.status ?? {}));
    assert.deepEqual(pods.doubles(), []);
    assert.ok(pods.mostNodes("all") <= 8);
  });
});
