import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv, type ValidateFunction } from "ajv";
import { parse } from "yaml";

/** The part of an AdmissionReview that is answered to. */
interface Review {
  readonly request: {
    readonly uid: string;
    readonly kind: { readonly kind: string };
    readonly object: unknown;
  };
}

/** Judges objects by the schemas of the CRDs in a folder, and by nothing else. */
export function schemaVerdicts(crds: string): (review: Review) => unknown {
  const formats = { int32: true, int64: true, "date-time": true } as const;
  const ajv = new Ajv({ allErrors: true, strict: false, formats });
  const validators = new Map<string, ValidateFunction>();
  for (const file of readdirSync(crds)) {
    const crd = parse(readFileSync(join(crds, file), "utf8"));
    if (crd.kind !== "CustomResourceDefinition") continue;
    const schema = crd.spec.versions[0].schema.openAPIV3Schema;
    validators.set(crd.spec.names.kind, ajv.compile(schema));
  }
  return ({ request: { uid, kind, object } }) => {
    const validate = validators.get(kind.kind);
    const allowed = validate === undefined || validate(object);
    const message = validate?.errors?.map((error) => `${error.instancePath} ${error.message}`);
    const status = { code: 422, message: message?.join("\n") };
    const response = allowed ? { uid, allowed } : { uid, allowed, status };
    return { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", response };
  };
}
