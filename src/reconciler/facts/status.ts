import type { ErrorObject } from "ajv";
import { isRecord, own, recordOf, type UnknownRecord } from "../../api/record.ts";
import {
  API_VERSION,
  type CachedImageSetStatus,
  type CachedImageStatus,
  type ObjectByKind,
} from "../../api/types.gen.ts";
import { validated } from "../../api/validator.ts";

/** A CachedImage's status; fields that are not as the CRD has them are left out, and the others stay. */
export function imageStatusOf(raw: unknown): CachedImageStatus {
  const spec = { image: "any", imagePullPolicy: "Always" };
  return readable("CachedImage", spec, own(raw, "status")) ?? {};
}

/** The same of a CachedImageSet. */
export function setStatusOf(raw: unknown): CachedImageSetStatus {
  return readable("CachedImageSet", { imagePullPolicy: "Always" }, own(raw, "status")) ?? {};
}

/** Judges a status by the CRD's schema, in an object that is otherwise without fault. */
function readable<K extends "CachedImage" | "CachedImageSet">(
  kind: K,
  spec: UnknownRecord,
  status: unknown,
): ObjectByKind[K]["status"] | undefined {
  const sound = { apiVersion: API_VERSION, kind, metadata: { name: "any" }, spec };
  const whole = validated(kind, { ...sound, status });
  if ("object" in whole) return whole.object.status;
  const rest = validated(kind, { ...sound, status: withoutFaulty(status, whole.errors) });
  return "object" in rest ? rest.object.status : undefined;
}

/** The status without the fields that the errors are about. */
function withoutFaulty(status: unknown, errors: readonly ErrorObject[]): unknown {
  if (!isRecord(status)) return {};
  const faulty = new Set<unknown>(errors.map(fieldOf));
  return recordOf(Object.entries(status).filter(([field]) => !faulty.has(field)));
}

/** The field of the status, from a JSON pointer such as `/status/failedNodes/0/attempts`. */
function fieldOf({ instancePath, params }: ErrorObject): unknown {
  return instancePath.split("/")[2] ?? own(params, "additionalProperty");
}
