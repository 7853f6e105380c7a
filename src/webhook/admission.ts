import { isRecord, own, type UnknownRecord } from "../api/record.ts";
import { API_VERSION, KINDS, type Kind } from "../api/types.gen.ts";

/** The one version of AdmissionReview that is spoken. */
export const ADMISSION_API_VERSION = "admission.k8s.io/v1";

/** What a response may hold of `admission.k8s.io/v1`. */
export interface AdmissionResponse {
  readonly uid: string;
  readonly allowed: boolean;
  readonly status?: AdmissionStatus;
  readonly warnings?: readonly string[];
  readonly auditAnnotations?: Readonly<Record<string, string>>;
  readonly patchType?: "JSONPatch";
  /** A JSONPatch as JSON in Base64. */
  readonly patch?: string;
}

/** The part of `metav1.Status` that a refusal uses. */
export interface AdmissionStatus {
  readonly status: "Failure";
  readonly code: number;
  readonly reason: "Invalid" | "BadRequest" | "InternalError";
  readonly message: string;
  readonly details?: StatusDetails;
}

interface StatusDetails {
  readonly group: string;
  readonly kind: Kind;
  readonly name: string;
  readonly causes: readonly StatusCause[];
}

/** One mistake as `metav1.StatusCause`: kubectl prints `* field: message`. */
export interface StatusCause {
  readonly field: string;
  readonly reason: string;
  readonly message: string;
}

/** The answer to an AdmissionReview. */
export interface AdmissionReview {
  readonly apiVersion: typeof ADMISSION_API_VERSION;
  readonly kind: "AdmissionReview";
  readonly response: AdmissionResponse;
}

/** What is asked, of the operations that are judged; for all others nothing but the `uid` matters. */
export interface AdmissionRequest {
  readonly uid: string;
  readonly kind: Kind;
  readonly operation: "CREATE" | "UPDATE";
  readonly name: string;
  readonly object: UnknownRecord;
  readonly oldObject: unknown;
}

/** What a body turned out to ask. `pass` is never judged: deletes, connections and subresources. */
export type Asked =
  | { readonly type: "judge"; readonly request: AdmissionRequest }
  | { readonly type: "pass"; readonly uid: string; readonly operation: string }
  | { readonly type: "malformed"; readonly uid: string; readonly message: string };

/** An API server's are 36 characters long; a longer one is nobody's. */
const LONGEST_UID = 256;

/** Reads an AdmissionReview. Total: any value gives an answer; `uid` is "" where there is none to echo. */
export function askedBy(value: unknown): Asked {
  const request = own(value, "request");
  const given = own(request, "uid");
  const uid = typeof given === "string" && given.length <= LONGEST_UID ? given : "";
  const malformed = (message: string): Asked => ({ type: "malformed", uid, message });
  if (
    own(value, "apiVersion") !== ADMISSION_API_VERSION ||
    own(value, "kind") !== "AdmissionReview"
  )
    return malformed(`the body is no AdmissionReview of ${ADMISSION_API_VERSION}`);
  if (uid === "") return malformed("the AdmissionReview has no request.uid");
  const operation = own(request, "operation");
  const subresource = own(request, "subResource");
  if (operation === "DELETE" || operation === "CONNECT") return { type: "pass", uid, operation };
  if (operation !== "CREATE" && operation !== "UPDATE")
    return malformed("request.operation is none of CREATE, UPDATE, DELETE and CONNECT");
  if (typeof subresource === "string" && subresource !== "")
    return { type: "pass", uid, operation };
  const kind = kindOf(own(request, "kind"));
  if (kind === undefined) {
    return malformed(
      `request.kind is none of ${KINDS.join(", ")} of ${API_VERSION}; correct the rules of the webhook configuration`,
    );
  }
  const object = own(request, "object");
  if (!isRecord(object)) return malformed("request.object is no object");
  const name = nameOf(request, object);
  const oldObject = own(request, "oldObject");
  return { type: "judge", request: { uid, kind, operation, name, object, oldObject } };
}

function kindOf(value: unknown): Kind | undefined {
  const [group, version] = [own(value, "group"), own(value, "version")];
  if (typeof group !== "string" || typeof version !== "string") return undefined;
  if (`${group}/${version}` !== API_VERSION) return undefined;
  return KINDS.find((kind) => kind === own(value, "kind"));
}

/** With `generateName` an object may not have its name yet. */
function nameOf(request: unknown, object: UnknownRecord): string {
  const metadata = own(object, "metadata");
  const names = [own(request, "name"), own(metadata, "name"), own(metadata, "generateName")];
  return names.find((name) => typeof name === "string" && name !== "")?.toString() ?? "";
}
