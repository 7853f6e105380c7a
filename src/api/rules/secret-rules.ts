import { addressFault, type SecretLimits } from "../allowed-hosts.ts";
import type { FieldPath, Problem } from "../problem.ts";
import { registryApi } from "../registry-host.ts";
import type {
  CachedImage,
  CachedImageSet,
  DiscoveryPolicy,
  DiscoverySource,
  DropObject,
} from "../types.gen.ts";
import { remark } from "./object-remark.ts";

/** The Secrets that objects name: of discovery sources, and for pulls. */
export function namedSecrets(objects: readonly DropObject[]): {
  readonly source: readonly string[];
  readonly pull: readonly string[];
} {
  const source: string[] = [];
  const pull: string[] = [];
  for (const object of objects) {
    if (object.kind === "DiscoveryPolicy") {
      source.push(...object.spec.sources.flatMap(({ secretRef }) => secretRef?.name ?? []));
    } else if (object.kind !== "PullPolicy") {
      pull.push(...(object.spec.imagePullSecrets ?? []).map(({ name }) => name));
    }
  }
  return { source: [...new Set(source)].sort(), pull: [...new Set(pull)].sort() };
}

/** Sources whose Secret is not there, or may not be sent to where the source is. */
export function sourceSecretProblems(
  { spec }: DiscoveryPolicy,
  existing: ReadonlyMap<string, SecretLimits> | undefined,
): readonly Problem[] {
  if (existing === undefined) return [];
  return spec.sources.flatMap((source, at) => {
    const name = source.secretRef?.name;
    if (name === undefined) return [];
    const path = ["spec", "sources", at, "secretRef", "name"];
    const limits = existing.get(name);
    if (limits === undefined) return [missingSecret(name, path)];
    const url = addressOf(source);
    const fault = url && addressFault(limits, name)(url);
    return fault === undefined ? [] : [remark("DROP2107", path, fault.what, fault.fix)];
  });
}

/** Pull secrets that are not there. */
export function pullSecretProblems(
  { spec }: CachedImage | CachedImageSet,
  existing: ReadonlySet<string> | undefined,
): readonly Problem[] {
  if (existing === undefined) return [];
  return (spec.imagePullSecrets ?? []).flatMap(({ name }, at) =>
    existing.has(name) ? [] : [missingSecret(name, ["spec", "imagePullSecrets", at, "name"])],
  );
}

function missingSecret(name: string, path: FieldPath): Problem {
  const fix = "correct the name, or create the Secret in the namespace where Drop looks for it";
  return remark("DROP2103", path, `there is no Secret ${name}`, fix);
}

/** Where the Secret of a source would be sent. */
function addressOf({ prometheus, registry }: DiscoverySource): URL | undefined {
  const url = URL.parse(prometheus?.endpoint ?? registry?.url ?? "");
  if (url === null) return undefined;
  return registry === undefined ? url : registryApi(url);
}
