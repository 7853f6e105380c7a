import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { isRecord, type UnknownRecord } from "../src/api/record.ts";
import { run } from "../test/support/child.ts";
import { cacheFolder, lastLines } from "../test/support/go-build.ts";

const PROGRAM = "github.com/yannh/kubeconform/cmd/kubeconform";

/** Builds kubeconform from its Go module, in seconds; gives its path. */
export async function buildKubeconform(): Promise<string> {
  const output = join(cacheFolder(), "bin", "kubeconform");
  mkdirSync(join(output, ".."), { recursive: true });
  const args = ["build", "-mod=readonly", "-trimpath", "-ldflags", "-s -w", "-o", output, PROGRAM];
  const built = await run("go", args, {
    cwd: join(import.meta.dirname, "peers", "kubeconform"),
    env: { ...process.env, CGO_ENABLED: "0", GOWORK: "off" },
    withinMs: 10 * 60_000,
  });
  if (built.code !== 0) throw new Error(`kubeconform cannot be built: ${lastLines(built.stderr)}`);
  return output;
}

/** The arguments with which kubeconform validates folders against the schemas of Drop's CRDs. */
export function kubeconformArgs(schemas: string, folders: readonly string[]): readonly string[] {
  const location = join(schemas, "{{ .ResourceKind }}.json");
  const ignored = "kustomization\\.yaml$";
  const flags = ["-strict", "-schema-location", location, "-ignore-filename-pattern", ignored];
  return [...flags, ...folders];
}

/** Writes one JSON schema for each CRD, fields that it does not know refused; gives the folder. */
export function writeSchemas(crds: string, folder: string): string {
  mkdirSync(folder, { recursive: true });
  for (const file of readdirSync(crds)) {
    const crd = parse(readFileSync(join(crds, file), "utf8"));
    if (crd.kind !== "CustomResourceDefinition") continue;
    const schema = closed(crd.spec.versions[0].schema.openAPIV3Schema);
    const name = `${crd.spec.names.kind.toLowerCase()}.json`;
    writeFileSync(join(folder, name), JSON.stringify(schema));
  }
  return folder;
}

/** The API server knows what metadata may hold; CRDs only narrow it. */
const OPEN = new Set(["metadata"]);

function closed(schema: unknown): UnknownRecord {
  if (!isRecord(schema)) return {};
  const { properties, items, ...rest } = schema;
  if (!isRecord(properties))
    return { ...rest, ...(items !== undefined && { items: closed(items) }) };
  const fields = Object.entries(properties).map(([name, field]) => [
    name,
    OPEN.has(name) ? { type: "object" } : closed(field),
  ]);
  return { ...rest, properties: Object.fromEntries(fields), additionalProperties: false };
}
