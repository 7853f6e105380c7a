import type { UnknownRecord } from "../api/record.ts";
import { microTime } from "./micro-time.ts";

/** The object that an Event is about. */
export interface Regarding {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  /** Without it, the object belongs to the cluster. */
  readonly namespace?: string;
  readonly resourceVersion?: string;
}

/** One thing that happened. */
export interface EventText {
  readonly regarding: Regarding;
  readonly type: "Normal" | "Warning";
  /** One word for programs, `PullFailed`. */
  readonly reason: string;
  /** What was being done, `Pulling`. */
  readonly action: string;
  /** For people; longer ones are cut to the 1,024 bytes that Kubernetes allows. */
  readonly note: string;
}

/** Who tells of it. */
export interface Reporter {
  /** `drop.corewire.io/reconciler`. */
  readonly controller: string;
  /** The Pod's name. */
  readonly instance: string;
}

const MAX_NOTE_BYTES = 1_024;
const MAX_WORD = 128;

/** Where Events about objects of the cluster are kept, as Kubernetes does it. */
export function namespaceOf({ regarding }: EventText): string {
  return regarding.namespace ?? "default";
}

/** The object to create; its name tells Events apart by time, and fits whatever the object's own name is. */
export function eventObject(
  event: EventText,
  { controller, instance }: Reporter,
  { name, nowMs }: { readonly name: string; readonly nowMs: number },
): UnknownRecord {
  const { regarding, type, reason, action, note } = event;
  return {
    metadata: { name, namespace: namespaceOf(event) },
    eventTime: microTime(nowMs),
    reportingController: controller,
    reportingInstance: instance.slice(0, MAX_WORD),
    action: action.slice(0, MAX_WORD),
    reason: reason.slice(0, MAX_WORD),
    regarding,
    note: noteOf(note),
    type,
  };
}

/** A name of 253 characters at most, which `suffix` makes this recorder's own. */
export function eventName({ regarding }: EventText, suffix: string): string {
  return `${regarding.name.slice(0, 200).replace(/[^a-z0-9]+$/, "")}.${suffix}`;
}

/** Cut between characters, as many bytes as Kubernetes takes. */
function noteOf(note: string): string {
  const bytes = Buffer.from(note);
  if (bytes.byteLength <= MAX_NOTE_BYTES) return note;
  const end = "…";
  const kept = bytes.subarray(0, MAX_NOTE_BYTES - Buffer.byteLength(end)).toString("utf8");
  return kept.replace(/\uFFFD+$/, "") + end;
}

/** The patch that makes an Event a series, or goes on with it. */
export function seriesPatch(count: number, nowMs: number): UnknownRecord {
  return { series: { count, lastObservedTime: microTime(nowMs) } };
}
