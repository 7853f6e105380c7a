import { nearest } from "../api/nearest.ts";
import { printable, shown } from "../api/printable.ts";
import type { CachedImageSet, DiscoveryPolicy } from "../api/types.gen.ts";
import { byCodeUnit } from "./canonical.ts";
import type { Finding } from "./finding.ts";
import { isSetName } from "./manifest/names.ts";

/** A set to render, with the DiscoveryPolicy that it names. */
export interface Target {
  readonly name: string;
  readonly set: CachedImageSet;
  readonly policy?: DiscoveryPolicy;
}

/** What a run has to do. With any mistake nothing is to be rendered. */
export interface Resolution {
  /** By name of the set. */
  readonly targets: readonly Target[];
  /** The names of sets that stay as they are because they are suspended. */
  readonly suspended: readonly string[];
  /** The names of all sets among the inputs, whether rendered or not. */
  readonly known: readonly string[];
  readonly mistakes: readonly Finding[];
  readonly warnings: readonly Finding[];
}

export interface ResolveInput {
  readonly sets: readonly CachedImageSet[];
  readonly policies: readonly DiscoveryPolicy[];
  /** The only sets to render (`--set`); all when absent. */
  readonly selected?: readonly string[];
}

/** Joins each set with its DiscoveryPolicy. Pure; the order of the inputs does not matter. */
export function resolve({ sets, policies, selected }: ResolveInput): Resolution {
  const mistakes: Finding[] = [];
  const setsByName = byName(sets, mistakes);
  const policiesByName = byName(policies, mistakes);
  const known = [...setsByName.keys()];
  mistakes.push(...badNames(known));
  mistakes.push(...unknownSelections(selected ?? [], known));

  const targets: Target[] = [];
  const suspended: string[] = [];
  for (const [name, set] of setsByName) {
    if (selected !== undefined && !selected.includes(name)) continue;
    if (set.spec.suspend === true) {
      suspended.push(name);
      continue;
    }
    const wanted = set.spec.discoveryPolicyRef?.name;
    const policy = wanted === undefined ? undefined : policiesByName.get(wanted);
    if (wanted !== undefined && policy === undefined) {
      mistakes.push(missingPolicy(name, wanted, [...policiesByName.keys()]));
    }
    targets.push({ name, set, ...(policy && { policy }) });
  }
  const warnings = selected === undefined ? unusedPolicies(sets, [...policiesByName.keys()]) : [];
  return { targets, suspended, known, mistakes, warnings };
}

function byName<T extends CachedImageSet | DiscoveryPolicy>(
  objects: readonly T[],
  mistakes: Finding[],
): ReadonlyMap<string, T> {
  const named = new Map<string, T>();
  for (const object of objects) {
    const name = object.metadata.name ?? "";
    const subject = `${object.kind}/${name}`;
    if (name === "") {
      mistakes.push({ subject: object.kind, what: "it has no name", fix: "write metadata.name" });
    } else if (named.has(name)) {
      const what = "there are two objects of this kind and name";
      mistakes.push({ subject, what, fix: "remove or rename one of them" });
    } else {
      named.set(name, object);
    }
  }
  return new Map([...named].toSorted(([a], [b]) => byCodeUnit(a, b)));
}

/** A set's name becomes a folder: one that leads elsewhere must not get that far, whoever let it in. */
function badNames(known: readonly string[]): Finding[] {
  const bad = known.filter((name) => !isSetName(name));
  return bad.map((name) => ({
    subject: `CachedImageSet/${printable(name)}`,
    field: "metadata.name",
    what: "the name of a set is a DNS label",
    fix: "use at most 63 lower-case letters, digits and dashes, with no dash at either end",
  }));
}

function unknownSelections(selected: readonly string[], known: readonly string[]): Finding[] {
  const missing = selected.filter((name) => !known.includes(name));
  return missing.map((name) => ({
    subject: "--set",
    what: `there is no CachedImageSet ${shown(name)} among the inputs`,
    fix: suggestion(name, known, "CachedImageSet"),
  }));
}

function missingPolicy(set: string, wanted: string, existing: readonly string[]): Finding {
  return {
    subject: `CachedImageSet/${set}`,
    field: "spec.discoveryPolicyRef.name",
    what: `there is no DiscoveryPolicy ${shown(wanted)} among the inputs`,
    fix: suggestion(wanted, existing, "DiscoveryPolicy"),
  };
}

const SHOWN_NAMES = 10;

function suggestion(wanted: string, existing: readonly string[], kind: string): string {
  if (existing.length === 0) return `add the file that holds it, there is no ${kind} at all`;
  const near = nearest(wanted, existing);
  if (near !== undefined) return `write ${shown(near)}, or add the file that holds it`;
  const names = existing.slice(0, SHOWN_NAMES).map((name) => shown(name));
  const more = existing.length > SHOWN_NAMES ? ` and ${existing.length - SHOWN_NAMES} more` : "";
  return `add the file that holds it, or name one that is there: ${names.join(", ")}${more}`;
}

function unusedPolicies(sets: readonly CachedImageSet[], policies: readonly string[]): Finding[] {
  const used = new Set(sets.map(({ spec }) => spec.discoveryPolicyRef?.name));
  const unused = policies.filter((name) => !used.has(name));
  return unused.map((name) => ({
    subject: `DiscoveryPolicy/${name}`,
    what: "no CachedImageSet names it, so it is not asked",
    fix: "name it in a set's spec.discoveryPolicyRef, or remove it",
  }));
}
