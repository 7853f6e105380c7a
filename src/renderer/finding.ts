import type { Fault } from "../api/parsed.ts";

/** A mistake or a warning about one object or file of a run. `subject` is such as `CachedImageSet/web` or `web/.drop.lock`. */
export interface Finding extends Fault {
  readonly subject: string;
  /** The field to blame, where one is: `spec.discoveryPolicyRef.name`. */
  readonly field?: string;
}

/** The one form in which people read a finding: subject, field, what is wrong, and how to fix it. */
export function findingText({ subject, field, what, fix }: Finding): string {
  const where = field === undefined ? subject : `${subject}: ${field}`;
  return `${where}: ${what}; ${fix}`;
}
