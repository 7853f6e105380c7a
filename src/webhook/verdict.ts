import { printable } from "../api/printable.ts";
import type { Problem } from "../api/problem.ts";
import { API_VERSION } from "../api/types.gen.ts";
import {
  ADMISSION_API_VERSION,
  type AdmissionRequest,
  type AdmissionResponse,
  type AdmissionReview,
} from "./admission.ts";
import { causesOf } from "./causes.ts";
import type { AddOperation } from "./patch.ts";
import { warningsOf } from "./warnings.ts";

const [GROUP = ""] = API_VERSION.split("/");

/** What is to say of an object: with a mistake it is refused. */
export interface Findings {
  readonly mistakes: readonly Problem[];
  readonly remarks: readonly Problem[];
  readonly patch: readonly AddOperation[];
}

/** The answer with the verdict on an object. */
export function verdictOn(request: AdmissionRequest, findings: Findings): AdmissionResponse {
  const { mistakes, remarks, patch } = findings;
  const said = { ...warned(remarks), ...annotated([...mistakes, ...remarks]) };
  const { uid } = request;
  if (mistakes.length > 0) return { uid, allowed: false, ...refused(request, mistakes), ...said };
  return { uid, allowed: true, ...patched(patch), ...said };
}

/** The text stands twice: kubectl prints causes for one object, and `message` wherever several are applied. */
function refused(
  { kind, name: given }: AdmissionRequest,
  mistakes: readonly Problem[],
): Pick<AdmissionResponse, "status"> {
  const causes = causesOf(mistakes);
  const name = printable(given, LONGEST_NAME);
  const lines = causes.map(({ field, message }) => `\n* ${field}: ${message}`);
  const message = `The ${kind} ${JSON.stringify(name)} is invalid:${lines.join("")}`;
  const details = { group: GROUP, kind, name, causes };
  return { status: { status: "Failure", code: 422, reason: "Invalid", message, details } };
}

const LONGEST_NAME = 253;

function warned(remarks: readonly Problem[]): Pick<AdmissionResponse, "warnings"> {
  return remarks.length === 0 ? {} : { warnings: warningsOf(remarks) };
}

/** The API server puts the webhook's own name in front of the key. */
function annotated(problems: readonly Problem[]): Pick<AdmissionResponse, "auditAnnotations"> {
  if (problems.length === 0) return {};
  const rules = [...new Set(problems.map(({ rule }) => rule))].sort();
  return { auditAnnotations: { rules: rules.join(",") } };
}

function patched(patch: readonly AddOperation[]): Pick<AdmissionResponse, "patch" | "patchType"> {
  if (patch.length === 0) return {};
  return { patchType: "JSONPatch", patch: Buffer.from(JSON.stringify(patch)).toString("base64") };
}

/** The answer that a request nobody can judge gets: what was sent is at fault. */
export function malformed(uid: string, message: string): AdmissionResponse {
  const status = { status: "Failure", code: 400, reason: "BadRequest", message } as const;
  return { uid, allowed: false, status };
}

/** The answer after a bug; `errorId` leads to the log line. */
export function failed(uid: string, errorId: string): AdmissionResponse {
  const message = `Drop's webhook failed on this object: a bug, not a mistake of yours; its log has the reason under error id ${errorId}`;
  const status = { status: "Failure", code: 500, reason: "InternalError", message } as const;
  return { uid, allowed: false, status };
}

/** The response in its envelope. */
export function inReview(response: AdmissionResponse): AdmissionReview {
  return { apiVersion: ADMISSION_API_VERSION, kind: "AdmissionReview", response };
}
