import { decode } from "../api/decode.ts";
import { isMistake, type Problem } from "../api/problem.ts";
import { isRecord, own, recordOf, type UnknownRecord } from "../api/record.ts";
import type { RuleId } from "../api/rules/catalogue.ts";
import type { Kind } from "../api/types.gen.ts";
import {
  type AdmissionRequest,
  type AdmissionResponse,
  type AdmissionReview,
  askedBy,
} from "./admission.ts";
import { MOST_MISTAKES } from "./causes.ts";
import { defaultsPatch } from "./patch.ts";
import { type Ratcheted, ratchet } from "./ratchet.ts";
import { inReview, malformed, verdictOn } from "./verdict.ts";

/** A verdict with what is counted of it. */
export interface Judgement {
  readonly response: AdmissionResponse;
  /** "" where no kind was to be judged. */
  readonly kind: Kind | "";
  readonly operation: string;
  readonly verdict: "allowed" | "refused" | "malformed";
  /** The rules for which the object was refused. */
  readonly refusedBy: readonly RuleId[];
}

/**
 * Answers an AdmissionReview of `admission.k8s.io/v1`: the verdict, warnings and the patch with defaults. Pure and
 * total: whatever JSON comes, an AdmissionReview goes; its `uid` is "" only where none was sent.
 */
export function review(value: unknown): AdmissionReview {
  return inReview(judge(value).response);
}

/** As `review`, with what metrics count. */
export function judge(value: unknown): Judgement {
  const asked = askedBy(value);
  if (asked.type === "malformed") {
    const response = malformed(asked.uid, asked.message);
    return { response, kind: "", operation: "", verdict: "malformed", refusedBy: [] };
  }
  if (asked.type === "pass") {
    const response = { uid: asked.uid, allowed: true };
    const { operation } = asked;
    return { response, kind: "", operation, verdict: "allowed", refusedBy: [] };
  }
  return judgeObject(asked.request);
}

function judgeObject(request: AdmissionRequest): Judgement {
  const { kind, operation, object, uid } = request;
  if (operation === "UPDATE" && isBeingDeleted(object)) {
    // Only finalizers can still change: whatever is wrong must not keep the object from going.
    return { response: { uid, allowed: true }, kind, operation, verdict: "allowed", refusedBy: [] };
  }
  const { problems, judged } = problemsOf(kind, object, MOST_MISTAKES);
  if (problems.length === 0) {
    const response = verdictOn(request, { ...FLAWLESS, patch: defaultsPatch(kind, object) });
    return { response, kind, operation, verdict: "allowed", refusedBy: [] };
  }
  const mistakes = problems.filter((problem) => isMistake(problem) && !isUnknownField(problem));
  const { made, tolerated } = ratcheted(request, judged, mistakes);
  const refusing = new Set(made);
  const old = new Set(tolerated);
  const remarks = problems
    .filter((problem) => !refusing.has(problem))
    .map((problem) => (old.has(problem) ? asOld(problem) : problem));
  const patch = made.length === 0 ? defaultsPatch(kind, object) : [];
  const response = verdictOn(request, { mistakes: made, remarks, patch });
  const refusedBy = [...new Set(made.map(({ rule }) => rule))];
  return {
    response,
    kind,
    operation,
    verdict: response.allowed ? "allowed" : "refused",
    refusedBy,
  };
}

const FLAWLESS = { mistakes: [], remarks: [] } as const;

function isBeingDeleted(object: UnknownRecord): boolean {
  const since = own(own(object, "metadata"), "deletionTimestamp");
  return since !== undefined && since !== null;
}

interface Found {
  readonly judged: UnknownRecord;
  readonly problems: readonly Problem[];
}

/**
 * The status is the API server's own business: on the main resource it is ignored. So is a field of the metadata that
 * only a newer Kubernetes knows.
 */
function problemsOf(kind: Kind, object: UnknownRecord, most?: number): Found {
  const judged = Object.hasOwn(object, "status")
    ? recordOf(Object.entries(object).filter(([key]) => key !== "status"))
    : object;
  const { problems } = decode(kind, judged, most);
  const isOurs = (problem: Problem) => !isUnknownField(problem) || problem.path[0] !== "metadata";
  return { judged, problems: problems.filter(isOurs) };
}

/**
 * A misspelt field never arrives here: the API server has dropped or refused it. One that does arrive comes from a CRD
 * newer than this webhook, and refusing it would stop every object of the kind during an upgrade.
 */
function isUnknownField({ rule }: Problem): boolean {
  return rule === "DROP1001";
}

function ratcheted(
  { kind, operation, oldObject }: AdmissionRequest,
  object: unknown,
  mistakes: readonly Problem[],
): Ratcheted {
  if (operation === "CREATE" || mistakes.length === 0 || !isRecord(oldObject)) {
    return { made: mistakes, tolerated: [] };
  }
  // All of them: those that the new object is excused for may stand behind others that are mended.
  const old = problemsOf(kind, oldObject);
  const before = { object: old.judged, mistakes: old.problems.filter(isMistake) };
  return ratchet({ object, mistakes }, before);
}

function asOld(problem: Problem): Problem {
  return { ...problem, what: `still wrong, as before: ${problem.what}` };
}
