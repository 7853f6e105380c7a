import { nearest } from "../../api/nearest.ts";
import { shown } from "../../api/printable.ts";
import type { FieldPath, Problem } from "../../api/problem.ts";
import { isRecord, own } from "../../api/record.ts";
import { API_VERSION, KINDS, type Kind } from "../../api/types.gen.ts";

const GROUP = API_VERSION.slice(0, API_VERSION.indexOf("/"));

/** The kind of an object of Drop, what else it is, or why it is nothing that can be applied; `depth` is that in a List. */
export function identify(value: unknown, depth: number): Kind | "secret" | "foreign" | Problem {
  if (!isRecord(value)) {
    return notAnObject([], `the document is ${shown(value)}, not a Kubernetes object`);
  }
  const apiVersion = own(value, "apiVersion");
  const kind = own(value, "kind");
  if (apiVersion === "v1" && kind === "Secret") return "secret";
  if (isListIn(value, depth)) return notAnObject(["kind"], "a List inside a List", FLAT);
  const known = KINDS.find((candidate) => candidate === kind);
  if (apiVersion === API_VERSION && known !== undefined) return known;
  if (apiVersion === API_VERSION || isNearGroup(apiVersion)) return unknownKind(apiVersion, kind);
  if (known !== undefined && !isOfAnyGroup(apiVersion)) {
    return notAnObject(["apiVersion"], `a ${known} whose apiVersion names no group`, API_VERSION);
  }
  return "foreign";
}

const FLAT = "each item into the outer List";

/** kubectl does not open a List that is an item of another. */
function isListIn(value: unknown, depth: number): boolean {
  return depth > 0 && own(value, "kind") === "List" && Array.isArray(own(value, "items"));
}

/** Other groups have kinds of the same name, which are not Drop's to judge. */
function isOfAnyGroup(apiVersion: unknown): boolean {
  return typeof apiVersion === "string" && apiVersion.includes("/");
}

/** Whether an apiVersion is of our group, or of one spelt nearly so. */
function isNearGroup(apiVersion: unknown): boolean {
  if (typeof apiVersion !== "string") return false;
  const group = apiVersion.split("/")[0] ?? "";
  return group === GROUP || nearest(group, [GROUP]) !== undefined;
}

function unknownKind(apiVersion: unknown, kind: unknown): Problem {
  const facts = { rule: "DROP1104", home: "file", reason: "FieldValueNotSupported" } as const;
  if (apiVersion !== API_VERSION) {
    const what = `there is no API ${shown(apiVersion)}`;
    return { ...facts, path: ["apiVersion"], value: apiVersion, what, fix: `write ${API_VERSION}` };
  }
  const near = typeof kind === "string" ? nearest(kind, KINDS) : undefined;
  const what =
    kind === undefined ? "the kind is missing" : `there is no kind ${shown(kind)} in ${GROUP}`;
  const fix = near === undefined ? `write one of ${KINDS.join(", ")}` : `did you mean ${near}?`;
  return { ...facts, path: ["kind"], value: kind, what, fix };
}

function notAnObject(path: FieldPath, what: string, wanted?: string): Problem {
  const fix =
    wanted === undefined ? "write apiVersion, kind, metadata and spec" : `write ${wanted}`;
  return { rule: "DROP1105", home: "file", reason: "FieldValueInvalid", path, what, fix };
}
