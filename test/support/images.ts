import { createHash } from "node:crypto";
import { chmod, copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { run } from "./child.ts";
import { type Folder, makeFolder } from "./folder.ts";
import type { Registry } from "./registry.ts";
import { tool } from "./tools.ts";

/** What an image is made of. */
export interface ImageContent {
  /** By the path in the image, such as "/etc/motd": the text, or where on this machine to copy a program from. */
  readonly files: Readonly<Record<string, string | { readonly program: string }>>;
  readonly entrypoint?: readonly string[];
  /** Such as "65532:65532"; root without it. */
  readonly user?: string;
  /** Of Go's names; this machine's own without it. Several make an index with one image each. */
  readonly architectures?: readonly string[];
  /** An index even for one architecture. */
  readonly index?: boolean;
}

/** This machine's architecture, by Go's name. */
export const architecture: string = process.arch === "x64" ? "amd64" : process.arch;

/** Another one, whose programs cannot run here. */
export const foreignArchitecture: string = architecture === "arm64" ? "amd64" : "arm64";

/** Makes an image with umoci and pushes it with skopeo under every tag; gives its digest. */
export async function pushImage(
  registry: Registry,
  repository: string,
  tags: readonly string[],
  content: ImageContent,
): Promise<string> {
  const folder = await makeFolder("image");
  try {
    const built = await build(folder, content);
    let digest = "";
    for (const tag of tags) digest = await push(folder, built, registry, `${repository}:${tag}`);
    return digest;
  } finally {
    await folder.remove();
  }
}

/** The image that holds a Pod's namespaces and, as `/pause -v`, ends at once. */
export async function pauseImage(): Promise<ImageContent & { remove(): Promise<void> }> {
  const folder = await makeFolder("pause");
  const program = join(folder.path, "pause");
  const source = join(import.meta.dirname, "..", "tools", "pause", "pause.c");
  await demand("gcc", ["-static", "-Os", "-s", "-o", program, source]);
  const files = { "/pause": { program } };
  return { files, entrypoint: ["/pause"], user: "65535:65535", remove: folder.remove };
}

/** The image with a static `/bin/busybox` and a `/bin/cp`, as the published ones have. */
export async function helperImage(): Promise<ImageContent> {
  const program = await tool("busybox");
  const files = { "/bin/busybox": { program }, "/bin/cp": { program }, "/bin/sh": { program } };
  return { files, entrypoint: ["/bin/sh"] };
}

/** An image with a single file: nothing in it could run. */
export function scratchImage(text: string): ImageContent {
  return { files: { "/content": text } };
}

/** An image whose own code, should it ever run, says `imageCodeRan` and ends with `imageCodeExit`. */
export async function talkingImage(): Promise<ImageContent> {
  const { files } = await helperImage();
  const entrypoint = ["/bin/sh", "-c", `echo ${imageCodeRan}; exit ${imageCodeExit}`];
  return { files, entrypoint };
}

export const imageCodeRan = "code of the image ran";
export const imageCodeExit = 42;

/** Makes an OCI layout; gives the name of the image in it. */
async function build(folder: Folder, content: ImageContent): Promise<string> {
  const { architectures = [architecture], index = architectures.length > 1 } = content;
  const layout = join(folder.path, "layout");
  const root = join(folder.path, "root");
  await mkdir(root);
  for (const [path, what] of Object.entries(content.files)) await place(join(root, path), what);
  await demand("umoci", ["init", "--layout", layout]);
  for (const name of architectures) await addImage(layout, root, { name, content });
  return index ? addIndex(layout, architectures) : `${layout}:${architectures[0]}`;
}

async function place(path: string, what: string | { readonly program: string }): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  if (typeof what === "string") return writeFile(path, what);
  await copyFile(what.program, path);
  await chmod(path, 0o755);
}

interface Single {
  readonly name: string;
  readonly content: ImageContent;
}

async function addImage(layout: string, root: string, { name, content }: Single): Promise<void> {
  const image = `${layout}:${name}`;
  const { entrypoint = [], user } = content;
  const words = entrypoint.flatMap((word) => ["--config.entrypoint", word]);
  const settings = [...words, ...(user === undefined ? [] : ["--config.user", user])];
  await demand("umoci", ["new", "--image", image]);
  const rootless = process.getuid?.() === 0 ? [] : ["--rootless"];
  await demand("umoci", ["insert", ...rootless, "--image", image, root, "/"]);
  const platform = ["--architecture", name, "--os", "linux"];
  await demand("umoci", ["config", "--image", image, ...platform, ...settings]);
}

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>>;
}

const tagOf = "org.opencontainers.image.ref.name";
const indexType = "application/vnd.oci.image.index.v1+json";

/** umoci makes no index, so it is written beside the images that it is to list. */
async function addIndex(layout: string, architectures: readonly string[]): Promise<string> {
  const path = join(layout, "index.json");
  const top: { manifests: Descriptor[] } = JSON.parse(await readFile(path, "utf8"));
  const manifests = architectures.map((name) => {
    const found = top.manifests.find(({ annotations }) => annotations?.[tagOf] === name);
    if (found === undefined) throw new Error(`umoci left no image ${name} in ${path}`);
    const { mediaType, digest, size } = found;
    return { mediaType, digest, size, platform: { architecture: name, os: "linux" } };
  });
  const text = JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests });
  const hash = createHash("sha256").update(text).digest("hex");
  await writeFile(join(layout, "blobs", "sha256", hash), text);
  const descriptor = { mediaType: indexType, digest: `sha256:${hash}`, size: text.length };
  const annotations = { [tagOf]: "index" };
  await writeFile(path, JSON.stringify({ ...top, manifests: [{ ...descriptor, annotations }] }));
  return `${layout}:index`;
}

async function push(
  folder: Folder,
  built: string,
  { host, caPem, credentials }: Registry,
  name: string,
): Promise<string> {
  const record = join(folder.path, "digest");
  const trust = join(folder.path, "trust");
  await mkdir(trust, { recursive: true });
  if (caPem !== undefined) await writeFile(join(trust, "ca.crt"), caPem);
  const tls = caPem === undefined ? ["--dest-tls-verify=false"] : ["--dest-cert-dir", trust];
  const login = credentials && `${credentials.username}:${credentials.password}`;
  await demand(
    "skopeo",
    [
      ...["--insecure-policy", "copy", "--all", "--preserve-digests", "--digestfile", record],
      ...[...tls, ...(login === undefined ? [] : ["--dest-creds", login])],
      ...[`oci:${built}`, `docker://${host}/${name}`],
    ],
    { PATH: process.env["PATH"], HOME: folder.path },
  );
  return readFile(record, "utf8");
}

async function demand(
  name: "gcc" | "umoci" | "skopeo",
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<void> {
  const { code, stderr, stdout } = await run(await tool(name), args, { env });
  if (code !== 0) throw new Error(`${name} ${args.join(" ")} failed: ${stderr}${stdout}`);
}
