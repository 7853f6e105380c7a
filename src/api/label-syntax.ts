import type { Fault } from "./parsed.ts";

/** A mistake at a place: keys and indexes from the list or object that was checked. */
export interface LocatedFault {
  readonly path: readonly (string | number)[];
  readonly fault: Fault;
}

/** A toleration of a Pod; an absent operator means Equal, an absent effect every effect. */
export interface TolerationFields {
  readonly key?: string | undefined;
  readonly operator?: string | undefined;
  readonly value?: string | undefined;
  readonly effect?: string | undefined;
  readonly tolerationSeconds?: number | undefined;
}

const MAX_LABEL_LENGTH = 63;
const MAX_SUBDOMAIN_LENGTH = 253;

const LABEL = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/;
const DNS_LABEL = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;
const EFFECTS = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

/** Why Kubernetes refuses a label key, `[dns.subdomain/]name`; undefined when it takes it. */
export function labelKeyFault(key: string): Fault | undefined {
  const slash = key.indexOf("/");
  if (slash !== key.lastIndexOf("/")) {
    return {
      what: 'the label key has more than one "/"',
      fix: 'write a name with at most one prefix, such as "example.com/pool"',
      offset: key.indexOf("/", slash + 1),
    };
  }
  if (slash === -1) return labelNameFault("label key", key);
  const prefix = key.slice(0, slash);
  const fault = dnsNameFault("label key's prefix", prefix);
  if (fault !== undefined) return fault;
  return shifted(labelNameFault("label key's name", key.slice(slash + 1)), slash + 1);
}

/** Why Kubernetes refuses a label value, which may be empty; undefined when it takes it. */
export function labelValueFault(value: string): Fault | undefined {
  return value === "" ? undefined : labelNameFault("label value", value);
}

/** Why a text is no object name: lower-case letters, digits, "-" and ".", at most 253 characters. */
export function dnsSubdomainFault(name: string): Fault | undefined {
  return dnsNameFault("name", name);
}

/** Why a text is no object name without dots: lower-case letters, digits and "-", at most 63 characters. */
export function dnsLabelFault(name: string): Fault | undefined {
  if (name === "" || name.length > MAX_LABEL_LENGTH)
    return lengthFault("name", name, MAX_LABEL_LENGTH);
  if (DNS_LABEL.test(name)) return undefined;
  const dot = name.indexOf(".");
  if (dot === -1) return dnsCharacterFault("name", name);
  const fix = `write "-" in its place: ${JSON.stringify(name.replaceAll(".", "-"))}`;
  return { what: "the name has a dot", fix, offset: dot };
}

/** Everything for which Kubernetes would refuse a Pod with these tolerations, in their order. */
export function tolerationFaults(tolerations: readonly TolerationFields[]): LocatedFault[] {
  return tolerations.flatMap((toleration, index) =>
    fieldFaults(toleration).map(([field, fault]) => ({ path: [index, field], fault })),
  );
}

type FieldFault = readonly [field: keyof TolerationFields, fault: Fault];

function fieldFaults(toleration: TolerationFields): FieldFault[] {
  const { key = "", effect = "", tolerationSeconds } = toleration;
  const faults: FieldFault[] = [];
  const keyFault = key === "" ? undefined : labelKeyFault(key);
  if (keyFault !== undefined) faults.push(["key", keyFault]);
  faults.push(...operatorFaults(toleration));
  if (effect !== "" && !EFFECTS.includes(effect)) {
    const fix = `write ${EFFECTS.join(", ")}, or leave it out for every effect`;
    faults.push(["effect", { what: "there is no such taint effect", fix }]);
  }
  if (tolerationSeconds !== undefined && effect !== "NoExecute") {
    const what = "tolerationSeconds has a meaning for the effect NoExecute alone";
    faults.push(["tolerationSeconds", { what, fix: "leave it out, or write effect: NoExecute" }]);
  }
  return faults;
}

function operatorFaults({ key = "", operator = "", value = "" }: TolerationFields): FieldFault[] {
  if (operator === "Lt" || operator === "Gt") {
    const what = `the operator ${operator} works only where a feature gate of Kubernetes is on`;
    return [["operator", { what, fix: "write Equal with a value, or Exists without one" }]];
  }
  if (operator !== "" && operator !== "Equal" && operator !== "Exists") {
    const fix = "write Equal with a value, or Exists without one";
    return [["operator", { what: "there is no such operator", fix }]];
  }
  if (operator === "Exists") {
    if (value === "") return [];
    const what = "the operator Exists takes no value";
    return [["value", { what, fix: "leave the value out, or write operator: Equal" }]];
  }
  const faults: FieldFault[] = [];
  if (key === "") {
    const what = "a toleration without a key is for every taint, and then its operator is Exists";
    faults.push(["operator", { what, fix: "write a key, or operator: Exists" }]);
  }
  const fault = labelValueFault(value);
  if (fault !== undefined) faults.push(["value", fault]);
  return faults;
}

function labelNameFault(subject: string, name: string): Fault | undefined {
  if (name === "" || name.length > MAX_LABEL_LENGTH)
    return lengthFault(subject, name, MAX_LABEL_LENGTH);
  if (LABEL.test(name)) return undefined;
  return characterFault(subject, name, {
    outside: /[^A-Za-z0-9._-]/,
    fix: 'use letters, digits, and between them "-", "_" and "."',
  });
}

function dnsNameFault(subject: string, name: string): Fault | undefined {
  if (name === "" || name.length > MAX_SUBDOMAIN_LENGTH) {
    return lengthFault(subject, name, MAX_SUBDOMAIN_LENGTH);
  }
  if (name.split(".").every((label) => DNS_LABEL.test(label))) return undefined;
  return dnsCharacterFault(subject, name);
}

function dnsCharacterFault(subject: string, name: string): Fault {
  const outside = /[^a-z0-9.-]/;
  const lower = name.toLowerCase();
  const fix = 'use lower-case letters and digits, and between them "-" or single dots';
  if (outside.test(lower)) return characterFault(subject, name, { outside, fix });
  const repaired = lower.split(".").every((label) => DNS_LABEL.test(label));
  return characterFault(subject, name, {
    outside,
    fix: repaired ? `write ${JSON.stringify(lower)}` : fix,
  });
}

interface Alphabet {
  readonly outside: RegExp;
  readonly fix: string;
}

function characterFault(subject: string, name: string, { outside, fix }: Alphabet): Fault {
  const offset = name.search(outside);
  if (offset !== -1) {
    const character = JSON.stringify(String.fromCodePoint(name.codePointAt(offset) ?? 0));
    return { what: `the ${subject} cannot contain ${character}`, fix, offset };
  }
  return { what: `the ${subject} has a separator where a letter or digit belongs`, fix };
}

function lengthFault(subject: string, name: string, most: number): Fault {
  if (name === "") return { what: `the ${subject} is empty`, fix: "write one" };
  const what = `the ${subject} has ${name.length} characters, more than ${most}`;
  return { what, fix: "write a shorter one" };
}

function shifted(fault: Fault | undefined, by: number): Fault | undefined {
  return fault?.offset === undefined ? fault : { ...fault, offset: fault.offset + by };
}
