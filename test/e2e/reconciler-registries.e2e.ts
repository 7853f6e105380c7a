import assert from "node:assert/strict";
import { test } from "node:test";
import { requireCluster } from "../support/cluster.ts";
import { type Credentials, testCredentials } from "../support/credentials.ts";
import { startDoor } from "../support/door.ts";
import { pushImage, scratchImage } from "../support/images.ts";
import { startDistribution } from "../support/registry.ts";
import { conditionIn, isReady, type StatusSeen, whyNotReady } from "../support/status-watch.ts";
import { until } from "../support/until.ts";
import { denials, heldBy, startBench } from "./reconciler/bench.ts";
import { cachedImage, pullPolicy, under } from "./reconciler/objects.ts";

/** Kubelet pulls one image after the other: what hangs there is not to hold up the other cases. */
const lonely = { key: "e2e", value: "lonely", effect: "NoSchedule" } as const;
const nodes = [
  { nodeName: "node-a" },
  { nodeName: "node-b" },
  { nodeName: "node-c", taints: [lonely] },
];

test("a registry in trouble is named, and delays no other", { concurrency: true }, async (t) => {
  if (!(await requireCluster(t))) return;
  const bench = await startBench(t, { nodes });
  const { registry, images } = bench;
  const stopping: { stop(): Promise<unknown> }[] = [];
  t.after(async () => {
    for (const one of stopping) await one.stop();
  });
  function ends<T extends { stop(): Promise<unknown> }>(server: T): T {
    stopping.push(server);
    return server;
  }
  async function reach(host: string, url: string): Promise<void> {
    for (const { containerd } of bench.nodes) await containerd.addRegistry(host, { url });
  }
  const reconciler = await bench.reconcile();
  await bench.create(pullPolicy("fast"));
  await pushImage(registry, "team/app", ["1", "2"], scratchImage("app"));
  const failsFor = (reason: string) => (seen: StatusSeen) =>
    seen.failedNodes?.some((one) => one.reason === reason) === true;
  const cases: Promise<void>[] = [];

  cases.push(
    t.test("a private image needs the Secret that it names, in drop-pulls", async () => {
      const own = ends(await startDistribution({ auth: "basic" }));
      await pushImage(own, "team/with", ["1"], scratchImage("with"));
      await pushImage(own, "team/without", ["1"], scratchImage("without"));
      await reach("private.example.com", own.url);
      await bench.create(
        login("login", "private.example.com", testCredentials),
        cachedImage("with-login", "private.example.com/team/with:1", {
          ...under("fast"),
          imagePullSecrets: [{ name: "login" }],
        }),
        cachedImage("without-login", "private.example.com/team/without:1", under("fast")),
      );
      await images.when("with-login", "on both nodes", isReady);
      const seen = await images.when(
        "without-login",
        "Unauthorized",
        (one) => whyNotReady(one) === "Unauthorized",
      );
      assert.equal((await bench.row("cimg", "without-login"))["READY"], "0/2");
      assert.equal(seen.ready, "0/2");
    }),
  );

  cases.push(
    t.test("a registry that denies is Forbidden", async () => {
      const door = ends(await startDoor(registry.url, "denying"));
      await reach("denying.example.com", door.url);
      await bench.create(cachedImage("denied", "denying.example.com/team/app:1", under("fast")));
      const seen = await images.when(
        "denied",
        "Forbidden",
        (one) => whyNotReady(one) === "Forbidden",
      );
      assert.match(conditionIn(seen, "Ready")?.message ?? "", /403 Forbidden/);
    }),
  );

  cases.push(
    t.test("a certificate of an unknown authority is a TLSError", async () => {
      const own = ends(await startDistribution({ tls: true }));
      await reach("tls.example.com", own.url);
      await bench.create(cachedImage("untrusted", "tls.example.com/team/app:1", under("fast")));
      const seen = await images.when(
        "untrusted",
        "TLSError",
        (one) => whyNotReady(one) === "TLSError",
      );
      assert.match(conditionIn(seen, "Ready")?.message ?? "", /x509/);
    }),
  );

  cases.push(
    t.test(
      "a registry that is down is probed by one node, and pulled from when it is back",
      async () => {
        const door = ends(await startDoor(registry.url, "shut"));
        await reach("down.example.com", door.url);
        const names = ["down-1", "down-2"];
        await bench.create(
          cachedImage("down-1", "down.example.com/team/app:1", under("fast")),
          cachedImage("down-2", "down.example.com/team/app:2", under("fast")),
        );
        const seen = await images.when(
          "down-1",
          "refused",
          (one) => whyNotReady(one) === "ConnectionRefused",
        );
        assert.match(conditionIn(seen, "Ready")?.message ?? "", /connection refused/);
        const tries = () => reconciler.pulls().filter(([one]) => one?.startsWith("down."));
        const before = tries().length;
        await until(() => tries().length >= before + 3, { what: "probes", withinMs: 60_000 });
        assert.ok(
          tries()
            .slice(before)
            .every((references) => references.length === 1),
        );
        await door.become("open");
        for (const name of names) await images.when(name, "there", isReady);
        const references = ["down.example.com/team/app:1", "down.example.com/team/app:2"];
        assert.deepEqual(await heldBy(bench.node, references), references);
      },
    ),
  );

  cases.push(
    t.test(
      "a registry that wants fewer requests is RateLimited, and pulled from later",
      async () => {
        const door = ends(await startDoor(registry.url, "busy"));
        await reach("busy.example.com", door.url);
        await bench.create(cachedImage("limited", "busy.example.com/team/app:1", under("fast")));
        const seen = await images.when(
          "limited",
          "RateLimited",
          (one) => whyNotReady(one) === "RateLimited",
        );
        assert.match(conditionIn(seen, "Ready")?.message ?? "", /429 Too Many Requests/);
        await door.become("open");
        await images.when("limited", "there", isReady);
      },
    ),
  );

  cases.push(
    t.test("a registry that hangs is given up after pullTimeout, and others go on", async () => {
      const door = ends(await startDoor(registry.url, "hanging"));
      await reach("hanging.example.com", door.url);
      const beside = `${registry.host}/team/beside:1`;
      await pushImage(registry, "team/beside", ["1"], scratchImage("beside"));
      const tolerant = { ...under("patient"), tolerations: [lonely] };
      await bench.create(
        pullPolicy("patient", { pullTimeout: "5s" }),
        cachedImage("hanging", "hanging.example.com/team/app:1", {
          ...tolerant,
          nodeSelector: { "kubernetes.io/hostname": "node-c" },
        }),
      );
      await until(() => door.asked.length > 0, { what: "the node to ask", withinMs: 60_000 });
      await bench.create(cachedImage("beside-hanging", beside, tolerant));
      const seen = await images.when("hanging", "given up", failsFor("Timeout"));
      assert.deepEqual(
        seen.failedNodes?.map(({ node }) => node),
        ["node-c"],
      );
      for (const node of bench.nodes.slice(0, 2)) {
        const isThere = async () => (await heldBy(node, [beside])).length === 1;
        await until(isThere, { what: "the image beside it", withinMs: 30_000, everyMs: 500 });
      }
      await door.become("open");
      await images.when("hanging", "there in the end", isReady);
      await images.when("beside-hanging", "everywhere in the end", isReady);
    }),
  );

  await Promise.all(cases);
  assert.deepEqual(await denials(reconciler), []);
});

function login(name: string, host: string, account: Credentials): object {
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { namespace: "drop-pulls", name },
    type: "kubernetes.io/dockerconfigjson",
    stringData: { ".dockerconfigjson": JSON.stringify({ auths: { [host]: account } }) },
  };
}
