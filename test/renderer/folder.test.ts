import assert from "node:assert/strict";
import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { applyActions } from "../../src/renderer/folder/directory-sink.ts";
import { FolderError } from "../../src/renderer/folder/folder-error.ts";
import { readTree } from "../../src/renderer/folder/read-tree.ts";
import { makeFolder } from "../support/folder.ts";

const never = new AbortController().signal;

async function anOutput(t: TestContext): Promise<string> {
  const folder = await makeFolder("output");
  t.after(() => folder.remove());
  return folder.path;
}

function write(path: string, text = "x\n") {
  return { type: "write", path, text } as const;
}

test("a folder that does not exist is an empty tree, and is made when something is written", async (t) => {
  const path = join(await anOutput(t), "a", "b");
  const tree = await readTree({ path, sets: ["web"], others: true }, never);
  assert.deepEqual([tree.sets.size, tree.names.size, tree.kustomization], [0, 0, undefined]);
  await applyActions({ path, actions: [write("web/.drop.lock")], leftovers: [] }, never);
  assert.equal(await readFile(join(path, "web/.drop.lock"), "utf8"), "x\n");
  assert.deepEqual(await readdir(join(path, "web")), [".drop.lock"]);
});

test("only what Drop may have written is read, and of other sets only that it is there", async (t) => {
  const path = await anOutput(t);
  const files = ["notes.md", "x-0123abcd.yaml", "kustomization.yaml", ".drop.lock", "y.yaml"];
  for (const set of ["web", "api"]) {
    await mkdir(join(path, set));
    for (const file of files) await writeFile(join(path, set, file), `${set} ${file}`);
  }
  await mkdir(join(path, "mine"));
  await writeFile(join(path, "mine/kustomization.yaml"), "mine");
  await writeFile(join(path, "web/.drop-x-0123abcd.yaml.tmp"), "half");
  await writeFile(join(path, "api/.drop-x-0123abcd.yaml.tmp"), "half");
  const tree = await readTree({ path, sets: ["web"], others: false }, never);
  assert.deepEqual([...tree.sets.keys()], ["api", "web"]);
  assert.deepEqual(
    [...(tree.sets.get("web") ?? [])],
    [
      [".drop.lock", { type: "file", text: "web .drop.lock" }],
      ["kustomization.yaml", { type: "file", text: "web kustomization.yaml" }],
      ["x-0123abcd.yaml", { type: "file", text: "web x-0123abcd.yaml" }],
    ],
  );
  assert.deepEqual(
    [...(tree.sets.get("api")?.values() ?? [])].map(({ type }) => type),
    [...["unread", "unread", "unread"]],
  );
  assert.deepEqual(tree.leftovers, ["web/.drop-x-0123abcd.yaml.tmp"]);
  const all = await readTree({ path, sets: ["web"], others: true }, never);
  assert.equal(all.sets.get("api")?.get(".drop.lock")?.type, "file");
});

test("symbolic links, folders and foreign bytes inside are reported and never followed", async (t) => {
  const path = await anOutput(t);
  const outside = join(path, "outside");
  const output = join(path, "out");
  await mkdir(join(outside, "api"), { recursive: true });
  await writeFile(join(outside, "api/.drop.lock"), "outside");
  await mkdir(join(output, "web/x-0123abcd.yaml"), { recursive: true });
  await symlink(join(outside, "api"), join(output, "api"));
  await symlink(join(outside, "api/.drop.lock"), join(output, "web/.drop.lock"));
  await symlink(join(outside, "nowhere"), join(output, "web/kustomization.yaml"));
  await writeFile(join(output, "web/y-0123abcd.yaml"), Buffer.from([0xff, 0xfe, 0x00]));
  await writeFile(join(output, "base"), "");
  const tree = await readTree({ path: output, sets: ["api", "base", "web"], others: true }, never);
  assert.deepEqual(
    [...tree.obstacles],
    [
      ["api", "a symbolic link"],
      ["base", "a file"],
    ],
  );
  assert.deepEqual(
    [...(tree.sets.get("web") ?? [])],
    [
      [".drop.lock", { type: "other", what: "a symbolic link" }],
      ["kustomization.yaml", { type: "other", what: "a symbolic link" }],
      ["x-0123abcd.yaml", { type: "other", what: "a folder" }],
      ["y-0123abcd.yaml", { type: "other", what: "not UTF-8 text" }],
    ],
  );
});

test("a link planted where the half-written file goes is replaced and not written through", async (t) => {
  const path = await anOutput(t);
  const victim = join(path, "victim");
  await writeFile(victim, "precious");
  await mkdir(join(path, "web"));
  await symlink(victim, join(path, "web/.drop-x-0123abcd.yaml.tmp"));
  await applyActions({ path, actions: [write("web/x-0123abcd.yaml")], leftovers: [] }, never);
  assert.equal(await readFile(victim, "utf8"), "precious");
  assert.deepEqual(await readdir(join(path, "web")), ["x-0123abcd.yaml"]);
});

test("removing what is gone is fine, and a folder is removed with its lock only when it is empty", async (t) => {
  const path = await anOutput(t);
  for (const set of ["web", "api"]) {
    await mkdir(join(path, set));
    await writeFile(join(path, set, ".drop.lock"), "");
  }
  await writeFile(join(path, "api/notes.md"), "");
  const removals = ["web/gone.yaml", "web/.drop.lock", "api/.drop.lock"];
  const actions = removals.map((file) => ({ type: "remove", path: file }) as const);
  await applyActions({ path, actions, leftovers: [] }, never);
  assert.deepEqual(await readdir(path), ["api"]);
  assert.deepEqual(await readdir(join(path, "api")), ["notes.md"]);
});

test("an abort stops before the next file", async (t) => {
  const path = await anOutput(t);
  const stopped = AbortSignal.abort(new Error("stopped"));
  const actions = [write("web/.drop.lock")];
  await assert.rejects(applyActions({ path, actions, leftovers: [] }, stopped), /stopped/);
  await assert.rejects(readTree({ path, sets: [], others: true }, stopped), /stopped/);
  assert.deepEqual(await readdir(path), []);
});

test("a folder that cannot be used is an error that says what, where and how to fix it", async (t) => {
  const path = await anOutput(t);
  await writeFile(join(path, "file"), "");
  await mkdir(join(path, "web/x-0123abcd.yaml"), { recursive: true });
  const inFile = { path: join(path, "file/out"), actions: [write("web/a")], leftovers: [] };
  await assert.rejects(applyActions(inFile, never), (error) => {
    assert.ok(error instanceof FolderError);
    assert.match(error.message, /cannot make the folder .*file\/out.*: .*no folder$/);
    assert.match(error.fix, /move it away/);
    return true;
  });
  const notFolder = { path: join(path, "file"), sets: [], others: true };
  await assert.rejects(readTree(notFolder, never), /cannot read the folder .*file: .*no folder/);
  const overFolder = { path, actions: [write("web/x-0123abcd.yaml")], leftovers: [] };
  await assert.rejects(
    applyActions(overFolder, never),
    /cannot write .*x-0123abcd\.yaml: a folder/,
  );
  assert.deepEqual(
    await readdir(join(path, "web")),
    ["x-0123abcd.yaml"],
    "nothing half done is left",
  );
});

test("a folder in which nothing can be made is an error and no endless attempt", async (t) => {
  const path = await anOutput(t);
  await chmod(path, 0o500);
  // To root no folder is closed but those of the kernel.
  const closed = process.getuid?.() === 0 ? "/proc/drop" : join(path, "out");
  const input = { path: closed, actions: [write("web/a")], leftovers: [] };
  await assert.rejects(applyActions(input, never), FolderError);
  await chmod(path, 0o700);
});

const reasons: readonly [code: string, fix: RegExp][] = [
  ["EACCES", /this user may not; give it the right/],
  ["EROFS", /read-only; choose another/],
  ["ENOSPC", /the disk is full; make room and run again/],
  ["EUNHEARD", /: as the system put it; see to the file system/],
];

test("each way in which a disk fails has its own remedy", () => {
  for (const [code, fix] of reasons) {
    const cause = Object.assign(new Error("as the system put it"), { code });
    const error = new FolderError({ verb: "write", path: "out/web/a" }, cause);
    assert.match(error.message, /^cannot write out\/web\/a: /);
    assert.match(`${error.message}; ${error.fix}`, fix);
    assert.deepEqual([error.code, error.cause], [code, cause]);
  }
});

test("files are readable by all and writable by their owner, as Git keeps them", async (t) => {
  const path = await anOutput(t);
  await applyActions({ path, actions: [write("web/.drop.lock")], leftovers: [] }, never);
  const { mode } = await stat(join(path, "web/.drop.lock"));
  assert.equal(mode & 0o777 & ~process.umask(), 0o644 & ~process.umask());
});
