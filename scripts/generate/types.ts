import type { Kind, Schema } from "./crd.ts";

/** Names for the shapes below a kind, by the field that holds them. A shape under another field is written inline. */
const NAMES: Readonly<Record<string, string>> = {
  policyRef: "PolicyReference",
  discoveryPolicyRef: "DiscoveryPolicyReference",
  secretRef: "LocalObjectReference",
  imagePullSecrets: "LocalObjectReference",
  tolerations: "Toleration",
  conditions: "Condition",
  images: "ImageEntry",
  prometheus: "PrometheusSource",
  registry: "RegistrySource",
  failureBackoff: "BackoffConfig",
  discoveredImages: "DiscoveredImage",
  failedNodes: "FailedNode",
  evictedNodes: "EvictedNode",
};

type View = "decoded" | "authored";

/** TypeScript for every kind: as decoded (defaults in), and as people write it (`Authored…`, where that differs). */
export function typesOf(kinds: readonly Kind[], apiVersion: string): string {
  const shapes = new Map<string, string>();
  for (const { kind, schema } of kinds) {
    for (const view of ["decoded", "authored"] as const) {
      const spec = schema.properties?.["spec"] ?? {};
      const status = schema.properties?.["status"];
      declare({ name: `${kind}Spec`, schema: spec, view, shapes });
      if (status) declare({ name: `${kind}Status`, schema: status, view: "decoded", shapes });
      const specIn = `  readonly spec${optional("spec", schema, view)}: ${viewed(`${kind}Spec`, spec, view)};`;
      const defaulted = view === "decoded" && status?.default !== undefined;
      const statusIn = status ? `\n  readonly status${defaulted ? "" : "?"}: ${kind}Status;` : "";
      shapes.set(
        view === "decoded" ? kind : `Authored${kind}`,
        `{\n  readonly apiVersion: ${JSON.stringify(apiVersion)};\n  readonly kind: ${JSON.stringify(kind)};\n  readonly metadata: ObjectMeta;\n${specIn}${statusIn}\n}`,
      );
    }
  }
  const declarations = [...shapes].sort(([a], [b]) => (a < b ? -1 : 1));
  return declarations.map(([name, body]) => `export interface ${name} ${body}\n`).join("\n");
}

interface Declaration {
  readonly name: string;
  readonly schema: Schema;
  readonly view: View;
  readonly shapes: Map<string, string>;
}

function declare({ name, schema, view, shapes }: Declaration): void {
  const typeName = viewed(name, schema, view);
  const fields = Object.entries(schema.properties ?? {}).map(([field, child]) => {
    const type = typeOf(field, child, view, shapes);
    return `  /** ${child.description ?? ""} */\n  readonly ${field}${optional(field, schema, view)}: ${type};`;
  });
  const body = `{\n${fields.join("\n")}\n}`;
  const earlier = shapes.get(typeName);
  if (earlier !== undefined && bare(earlier) !== bare(body)) {
    throw new Error(`two different shapes want the name ${typeName}`);
  }
  shapes.set(typeName, earlier ?? body);
}

function bare(body: string): string {
  return body.replaceAll(/\/\*\*.*?\*\/\n/g, "");
}

function typeOf(field: string, schema: Schema, view: View, shapes: Map<string, string>): string {
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (schema.items) {
    const item = typeOf(field, schema.items, view, shapes);
    return `readonly ${item.includes("|") ? `(${item})` : item}[]`;
  }
  if (schema.additionalProperties) {
    return `Readonly<Record<string, ${typeOf(field, schema.additionalProperties, view, shapes)}>>`;
  }
  if (schema.properties) {
    const name = field === "sources" ? sourceName(schema) : NAMES[field];
    if (name === undefined) throw new Error(`the shape of ${field} has no name yet`);
    declare({ name, schema, view, shapes });
    return viewed(name, schema, view);
  }
  return schema.type === "integer" ? "number" : (schema.type ?? "unknown");
}

function sourceName(schema: Schema): string {
  return schema.properties?.["healthy"] ? "SourceStatus" : "DiscoverySource";
}

function viewed(name: string, schema: Schema, view: View): string {
  return view === "authored" && hasDefault(schema) ? `Authored${name}` : name;
}

function hasDefault(schema: Schema): boolean {
  const children = [
    ...Object.values(schema.properties ?? {}),
    ...(schema.items ? [schema.items] : []),
  ];
  return children.some((child) => child.default !== undefined || hasDefault(child));
}

function optional(field: string, parent: Schema, view: View): string {
  const defaulted = parent.properties?.[field]?.default !== undefined;
  const required = parent.required?.includes(field) ?? false;
  return required || (view === "decoded" && defaulted) ? "" : "?";
}
