import {
  canonicalReference,
  formatReference,
  parseImageReference,
} from "../../api/image-reference.ts";
import { isRecord, own, type UnknownRecord } from "../../api/record.ts";
import type { PodWork, PullMethod, WorkItem } from "../model/pod.ts";

/** On a pull Pod: what it does, as JSON, so that a reconciler that starts anew can read it. */
export const WORK_ANNOTATION = "drop.corewire.io/work";

/** On a pull Pod: the name of the PullPolicy whose budget it counts for; absent for the default one. */
export const POLICY_ANNOTATION = "drop.corewire.io/policy";

/** Of what the JSON says; another version is not read. */
const VERSION = 1;

/** Images in one pull Pod at most. */
export const MAX_ITEMS = 10;

/** CachedImages named for one item at most: the others are found by the reference. */
export const MAX_NAMES = 20;

/** Far more than ten items with all their names need. */
const LONGEST_JSON = 128 * 1_024;
const LONGEST_NAME = 253;
/** A DNS label, as container names are. */
const CONTAINER = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
const POLICIES = ["Always", "IfNotPresent", "Never"] as const;

/** The annotations that tell a Pod's work; of each item's CachedImages the first `MAX_NAMES`. */
export function workAnnotations(work: PodWork): Readonly<Record<string, string>> {
  const { nodeUid, method, isRefresh, policyName } = work;
  const items = work.items.map(({ container, reference, attempt, pullPolicy, images }) => {
    return { container, reference, attempt, pullPolicy, images: images.slice(0, MAX_NAMES) };
  });
  const json = JSON.stringify({ version: VERSION, nodeUid, method, isRefresh, items });
  return {
    [WORK_ANNOTATION]: json,
    ...(policyName !== undefined && { [POLICY_ANNOTATION]: policyName }),
  };
}

/** Reads them again; undefined where they are missing, of another version, or not as Drop writes them. */
export function parseWork(
  annotations: Readonly<Record<string, string>>,
  nodeName: string,
): PodWork | undefined {
  const json = own(annotations, WORK_ANNOTATION);
  const policyName = own(annotations, POLICY_ANNOTATION);
  if (typeof json !== "string" || json.length > LONGEST_JSON || nodeName === "") return undefined;
  const work = recordIn(json);
  const nodeUid = own(work, "nodeUid");
  const method = own(work, "method");
  const isRefresh = own(work, "isRefresh");
  const items = itemsOf(own(work, "items"));
  if (own(work, "version") !== VERSION || items === undefined) return undefined;
  if (!isName(nodeUid) || !isMethod(method) || typeof isRefresh !== "boolean") return undefined;
  if (policyName !== undefined && !isName(policyName)) return undefined;
  return { nodeName, nodeUid, policyName, method, isRefresh, items };
}

function recordIn(json: string): UnknownRecord | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return isRecord(value) ? value : undefined;
  } catch {
    // Somebody else's text under our key is no error of ours.
    return undefined;
  }
}

function itemsOf(value: unknown): readonly WorkItem[] | undefined {
  if (!Array.isArray(value) || value.length === 0 || value.length > MAX_ITEMS) return undefined;
  const items = value.map(itemOf).filter((item) => item !== undefined);
  const isDistinct = new Set(items.map(({ container }) => container)).size === value.length;
  return isDistinct ? items : undefined;
}

function itemOf(value: unknown): WorkItem | undefined {
  const container = own(value, "container");
  const reference = own(value, "reference");
  const attempt = own(value, "attempt");
  const pullPolicy = POLICIES.find((each) => each === own(value, "pullPolicy"));
  const images = own(value, "images");
  if (typeof container !== "string" || !CONTAINER.test(container)) return undefined;
  if (typeof reference !== "string" || !isCanonical(reference)) return undefined;
  if (!isAttempt(attempt) || pullPolicy === undefined || !isNames(images)) return undefined;
  return { container, reference, attempt, pullPolicy, images };
}

function isCanonical(text: string): boolean {
  const reference = parseImageReference(text);
  return reference.ok && formatReference(canonicalReference(reference.value)) === text;
}

function isAttempt(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 1;
}

function isNames(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length <= MAX_NAMES && value.every(isName);
}

function isName(value: unknown): value is string {
  return typeof value === "string" && value !== "" && value.length <= LONGEST_NAME;
}

function isMethod(value: unknown): value is PullMethod {
  return value === "image-volume" || value === "helper";
}
