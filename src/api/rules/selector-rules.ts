import { fieldsAt, textAt } from "../fields.ts";
import {
  dnsSubdomainFault,
  labelKeyFault,
  labelValueFault,
  type TolerationFields,
  tolerationFaults,
} from "../label-syntax.ts";
import type { Fault } from "../parsed.ts";
import { type FieldPath, type Home, type Problem, problemOf } from "../problem.ts";
import { isRecord, own, type UnknownRecord } from "../record.ts";
import type { RuleId } from "./catalogue.ts";

/** Labels, selectors, tolerations and names that Kubernetes itself would refuse, here or in the Pods made of them. */
export function selectorProblems(object: unknown): readonly Problem[] {
  return [
    ...labels(object, "metadata.labels", "schema"),
    ...annotations(object),
    ...labels(object, "spec.nodeSelector", "code"),
    ...tolerations(object),
    ...names(object),
    ...repeatedSecrets(object),
  ];
}

/** Nearly all is right: nothing is made for it. */
const NONE: readonly Problem[] = [];

function labels(object: unknown, dotted: string, home: Home): readonly Problem[] {
  return fieldsAt(object, dotted).flatMap(({ path, value }) => {
    if (!isRecord(value)) return [];
    return Object.entries(value).flatMap(([key, text]) => {
      const keyFault = labelKeyFault(key);
      const valueFault = typeof text === "string" ? labelValueFault(text) : undefined;
      if (keyFault === undefined && valueFault === undefined) return NONE;
      const at = { rule: "DROP1020", home, path: [...path, key] } as const;
      return [
        ...(keyFault ? [problemOf(keyFault, { ...at, value: key, atKey: true })] : []),
        ...(valueFault ? [problemOf(valueFault, { ...at, value: text })] : []),
      ];
    });
  });
}

/** All annotations of one object, keys and values in UTF-8 (`TotalAnnotationSizeLimitB` of apimachinery). */
const MAX_ANNOTATION_BYTES = 256 * 1024;

function annotations(object: unknown): readonly Problem[] {
  return fieldsAt(object, "metadata.annotations").flatMap(({ path, value }) => {
    if (!isRecord(value)) return [];
    const bytes = bytesOf(value);
    // So many are not read one by one.
    if (bytes > MAX_ANNOTATION_BYTES) return [tooManyBytes(bytes, path)];
    return Object.keys(value).flatMap((key) => {
      // Only here Kubernetes does not mind capitals in the prefix.
      const fault = labelKeyFault(key.toLowerCase());
      if (fault === undefined) return NONE;
      const words = { ...fault, what: fault.what.replace("label key", "annotation key") };
      const facts = { rule: "DROP1020", home: "schema", atKey: true, value: key } as const;
      return [problemOf(words, { ...facts, path: [...path, key] })];
    });
  });
}

function tooManyBytes(bytes: number, path: FieldPath): Problem {
  const what = `the annotations have ${bytes} bytes: at most ${MAX_ANNOTATION_BYTES} are allowed`;
  const at = { rule: "DROP1005", home: "schema", reason: "FieldValueTooLong", path } as const;
  return problemOf({ what, fix: "shorten them, or remove some" }, at);
}

/** Bytes of the keys of a mapping and of the texts in it, in UTF-8. */
function bytesOf(mapping: UnknownRecord): number {
  let bytes = 0;
  for (const key of Object.keys(mapping)) {
    const value = mapping[key];
    bytes += Buffer.byteLength(key) + (typeof value === "string" ? Buffer.byteLength(value) : 0);
  }
  return bytes;
}

function tolerations(object: unknown): readonly Problem[] {
  return fieldsAt(object, "spec.tolerations").flatMap(({ path, value }) => {
    if (!Array.isArray(value)) return [];
    return tolerationFaults(value.map(tolerationOf)).map((found) =>
      problemOf(found.fault, { rule: "DROP1021", home: "code", path: [...path, ...found.path] }),
    );
  });
}

function tolerationOf(item: unknown): TolerationFields {
  const text = (field: string) => textAt(item, field);
  const seconds = own(item, "tolerationSeconds");
  return {
    key: text("key"),
    operator: text("operator"),
    value: text("value"),
    effect: text("effect"),
    tolerationSeconds: typeof seconds === "number" ? seconds : undefined,
  };
}

function names(object: unknown): readonly Problem[] {
  const refs = [
    "spec.policyRef.name",
    "spec.discoveryPolicyRef.name",
    "spec.imagePullSecrets.*.name",
  ];
  return [
    ...ownName(object),
    ...[...refs, "spec.sources.*.secretRef.name"].flatMap((ref) =>
      badNames(object, ref, { rule: "DROP1023", home: "code" }),
    ),
  ];
}

/** The object's own name, which must be there unless the API server is to make one up. */
function ownName(object: unknown): readonly Problem[] {
  if (!isRecord(own(object, "metadata"))) return [];
  const facts = { rule: "DROP1023", home: "schema" } as const;
  const prefix = textAt(object, "metadata.generateName") ?? "";
  // What is generated follows the prefix, so that it may end in "-".
  const fault = prefix === "" ? undefined : dnsSubdomainFault(prefix.replace(/-$/, "a"));
  const path = ["metadata", "generateName"];
  const generated = fault ? [problemOf(fault, { ...facts, path, value: prefix })] : [];
  const isUnnamed = (textAt(object, "metadata.name") ?? "") === "";
  if (isUnnamed && prefix !== "") return generated;
  if (fieldsAt(object, "metadata.name").length === 0) return [nameless()];
  return [...generated, ...badNames(object, "metadata.name", facts)];
}

function nameless(): Problem {
  const words = { what: "the object has no name", fix: "add the field metadata.name" };
  const facts = { rule: "DROP1023", home: "schema", reason: "FieldValueRequired" } as const;
  return problemOf(words, { ...facts, path: ["metadata", "name"] });
}

function badNames(
  object: unknown,
  dotted: string,
  facts: { readonly rule: RuleId; readonly home: Home },
): readonly Problem[] {
  return fieldsAt(object, dotted).flatMap(({ path, value }) => {
    if (typeof value !== "string") return [];
    const fault: Fault | undefined = dnsSubdomainFault(value);
    return fault === undefined ? [] : [problemOf(fault, { ...facts, path, value })];
  });
}

function repeatedSecrets(object: unknown): readonly Problem[] {
  const seen = new Set<unknown>();
  return fieldsAt(object, "spec.imagePullSecrets.*.name").flatMap(({ path, value }) => {
    if (typeof value !== "string") return [];
    const repeated = seen.has(value);
    seen.add(value);
    if (!repeated) return [];
    const fault = { what: "the Secret is listed twice", fix: "remove one of the two" };
    return [problemOf(fault, { rule: "DROP1024", home: "schema", path: path.slice(0, -1) })];
  });
}
