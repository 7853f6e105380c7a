import { API_VERSION, type Kind, PLURALS } from "../../src/api/types.gen.ts";

const [group, version] = API_VERSION.split("/");

export interface ReviewOptions {
  readonly operation?: string;
  readonly oldObject?: unknown;
  readonly uid?: unknown;
  readonly subResource?: string;
}

/** An AdmissionReview as the API server sends it. */
export function reviewOf(kind: Kind, object: unknown, options: ReviewOptions = {}) {
  const { operation = "CREATE", oldObject = null, uid = "7f0b", subResource } = options;
  return {
    apiVersion: "admission.k8s.io/v1",
    kind: "AdmissionReview",
    request: {
      uid,
      kind: { group, version, kind },
      resource: { group, version, resource: PLURALS[kind] },
      ...(subResource === undefined ? {} : { subResource }),
      operation,
      userInfo: { username: "kim" },
      object,
      oldObject,
      dryRun: false,
    },
  };
}
