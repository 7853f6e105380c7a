import assert from "node:assert/strict";
import { test } from "node:test";
import { requireCluster } from "../support/cluster.ts";
import { startDoor } from "../support/door.ts";
import {
  helperImage,
  type ImageContent,
  pushImage,
  scratchImage,
  talkingImage,
} from "../support/images.ts";
import { watchPods } from "../support/pod-watch.ts";
import {
  conditionIn,
  isReady,
  type StatusSeen,
  watchStatuses,
  whyNotReady,
} from "../support/status-watch.ts";
import { until } from "../support/until.ts";
import { startBench } from "./reconciler/bench.ts";
import { cachedImage, imageSet, ofSet, pullPolicy, under } from "./reconciler/objects.ts";
import { noImageVolumes, quota, volumePod } from "./reconciler/rules.ts";

test("people and their rules say what may be pulled, and how", async (t) => {
  if (!(await requireCluster(t))) return;
  const bench = await startBench(t);
  const { registry, images, kubectl } = bench;
  const pods = await watchPods(bench.kubernetes, "drop-pulls");
  t.after(() => pods.stop());
  const sets = await watchStatuses(bench.kubernetes, "cachedimagesets");
  t.after(() => sets.stop());
  async function push(name: string, content: ImageContent = scratchImage(name)): Promise<string> {
    await pushImage(registry, `e2e/${name}`, ["1"], content);
    return `${registry.host}/e2e/${name}:1`;
  }
  const isFor = (reason: string) => (seen: StatusSeen) => whyNotReady(seen) === reason;
  /** Applies a patch to the spec, as an edit would. */
  async function edit(kind: string, name: string, spec: object): Promise<void> {
    await kubectl("patch", kind, name, "--type=merge", "-p", JSON.stringify({ spec }));
  }
  await bench.create(pullPolicy("fast"));

  await t.test(
    "by helper, images of every kind get onto a node and none runs its own code",
    async () => {
      const reconciler = await bench.reconcile({ flags: ["--pull-method", "helper"] });
      const program = await helperImage();
      const kinds: Readonly<Record<string, ImageContent>> = {
        "helper-scratch": scratchImage("scratch"),
        "helper-root": { ...program, user: "0:0" },
        "helper-named": { ...program, user: "nobody" },
        "helper-talking": await talkingImage(),
      };
      for (const [name, content] of Object.entries(kinds)) await push(name, content);
      await bench.create(
        ...Object.keys(kinds).map((name) =>
          cachedImage(name, `${registry.host}/e2e/${name}:1`, under("fast")),
        ),
        cachedImage("helper-missing", `${registry.host}/e2e/none:1`, under("fast")),
      );
      for (const name of Object.keys(kinds)) {
        const { resolvedDigest, ready } = await images.when(name, "there", isReady);
        assert.equal(ready, "1/1");
        assert.match(resolvedDigest ?? "", /^sha256:[0-9a-f]{64}$/, name);
      }
      await images.when("helper-missing", "NotFound", isFor("NotFound"));
      assert.deepEqual(pods.exitCodes(), [0]);
      assert.equal(await reconciler.stop(), 0);
      await kubectl("delete", "cimg", "helper-missing");
    },
  );

  const reconciler = await bench.reconcile();

  await t.test("an image waits for a PullPolicy that is not there yet", async () => {
    await bench.create(cachedImage("early", await push("early"), under("late")));
    const seen = await images.when("early", "PolicyNotFound", isFor("PolicyNotFound"));
    assert.match(conditionIn(seen, "Ready")?.message ?? "", /PullPolicy.*late/);
    await bench.create(pullPolicy("late"));
    await images.when("early", "there", isReady);
  });

  await t.test("suspend keeps an image, or a policy's images, from being pulled", async () => {
    const [one, other] = [await push("suspended"), await push("policy-suspended")];
    await bench.create(
      pullPolicy("resting", { suspend: true }),
      cachedImage("suspended", one, { ...under("fast"), suspend: true }),
      cachedImage("policy-suspended", other, under("resting")),
    );
    for (const name of ["suspended", "policy-suspended"])
      await images.when(name, "Suspended", isFor("Suspended"));
    assert.equal((await bench.row("cimg", "suspended"))["READY"], "0/1");
    const pulled = reconciler.pulls().flat();
    assert.ok(!pulled.includes(one) && !pulled.includes(other));
    await edit("cimg", "suspended", { suspend: false });
    await edit("ppol", "resting", { suspend: false });
    for (const name of ["suspended", "policy-suspended"]) await images.when(name, "there", isReady);
  });

  await t.test("a set tells of its children, which it knows by their labels", async () => {
    const [good, bad] = [await push("in-set"), `${registry.host}/e2e/not-in-registry:1`];
    await bench.create(imageSet("group", [good, bad]));
    await sets.when("group", "without children", ({ imagesManaged }) => imagesManaged === 0);
    await bench.create(
      ofSet("group", cachedImage("group-good", good, under("fast"))),
      ofSet("group", cachedImage("group-bad", bad, under("fast"))),
    );
    const failing = await sets.when("group", "failing", isFor("NotFound"));
    assert.match(
      conditionIn(failing, "Ready")?.message ?? "",
      /CachedImage group-bad: .*not found/,
    );
    await sets.when("group", "half ready", ({ imagesReady }) => imagesReady === 1);
    const { MANAGED, READY } = await bench.row("cimgset", "group");
    assert.deepEqual([MANAGED, READY], ["2", "1"]);
    await push("not-in-registry");
    const ready = await sets.when("group", "ready", isReady);
    assert.deepEqual([ready.imagesManaged, ready.imagesReady, ready.phase], [2, 2, "Ready"]);
  });

  await t.test("where image volumes are refused, the helper is used instead", async () => {
    await bench.create(...noImageVolumes);
    const isInForce = async () => {
      const dry = ["create", "--dry-run=server", "-f", "-"];
      const { stderr } = await bench.kubernetes.kubectl(dry, JSON.stringify(volumePod));
      return stderr.includes("no image volumes here");
    };
    await until(isInForce, { what: "the rule to be in force", withinMs: 60_000, everyMs: 500 });
    await bench.create(cachedImage("ruled", await push("ruled"), under("fast")));
    const seen = await images.when("ruled", "there", isReady);
    assert.equal(seen.ready, "1/1");
    assert.ok(
      reconciler
        .log()
        .some(({ msg, reason }) => msg.includes("not created") && reason === "PodRejected"),
    );
    await kubectl("delete", "validatingadmissionpolicybinding", "no-image-volumes");
  });

  await t.test(
    "a quota that leaves no room is named, and pulling goes on when it is lifted",
    async () => {
      await bench.create(quota);
      const used = [
        "get",
        "quota",
        "none",
        "-n",
        "drop-pulls",
        "-o",
        "jsonpath={.status.hard.pods}",
      ];
      await until(async () => (await kubectl(...used)) === "0", {
        what: "the quota",
        withinMs: 60_000,
      });
      await bench.create(cachedImage("crowded", await push("crowded"), under("fast")));
      const seen = await images.when("crowded", "QuotaExceeded", isFor("QuotaExceeded"));
      assert.match(conditionIn(seen, "Ready")?.message ?? "", /exceeded quota: none/);
      assert.equal((await bench.row("cimg", "crowded"))["READY"], "0/1");
      await kubectl("delete", "quota", "none", "-n", "drop-pulls");
      await images.when("crowded", "there", isReady);
    },
  );

  await t.test("a pull Pod that somebody deletes is made again", async () => {
    await push("disturbed");
    const door = await startDoor(registry.url, "hanging");
    t.after(() => door.stop());
    await bench.node.containerd.addRegistry("slow.example.com", { url: door.url });
    const reference = "slow.example.com/e2e/disturbed:1";
    const pulls = () => reconciler.pulls().filter((references) => references.includes(reference));
    await bench.create(cachedImage("disturbed", reference, under("fast")));
    await until(() => door.asked.length > 0, { what: "the node to pull", withinMs: 30_000 });
    await kubectl("delete", "pods", "-n", "drop-pulls", "--all", "--now");
    const seen = await images.when("disturbed", "tried in vain", ({ failedNodes = [] }) =>
      failedNodes.some(({ message }) => message.includes("deleted")),
    );
    assert.equal(seen.ready, "0/1");
    await until(() => pulls().length === 2, { what: "another Pod", withinMs: 30_000 });
    await door.become("open");
    await images.when("disturbed", "there", isReady);
  });
});
