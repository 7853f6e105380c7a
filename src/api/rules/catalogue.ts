/** Whether an object with the problem is refused, or accepted with a remark. */
export type Severity = "error" | "warning";

/** What a rule is about. `title` completes the sentence "Refused is …" or "Warned about is …". */
export interface RuleFact {
  readonly severity: Severity;
  readonly title: string;
  readonly why: string;
}

/** Every rule by its id. An id is never used for anything else again. */
export const RULES = {
  DROP1001: {
    severity: "error",
    title: "a field that does not exist",
    why: "The API server drops it or refuses it, so what was meant would not happen.",
  },
  DROP1002: {
    severity: "error",
    title: "a value of the wrong type",
    why: "The API server refuses the object.",
  },
  DROP1003: {
    severity: "error",
    title: "a required field that is missing",
    why: "The API server refuses the object.",
  },
  DROP1004: {
    severity: "error",
    title: "a value outside the list of allowed ones",
    why: "The API server refuses the object.",
  },
  DROP1005: {
    severity: "error",
    title: "a value that is too small, too large, too long or too many",
    why: "Limits keep one object from overloading the API server, a registry or Prometheus.",
  },
  DROP1006: {
    severity: "error",
    title: "an image that carries a tag or digest itself",
    why: "Tag and digest have fields of their own; two places could disagree.",
  },
  DROP1007: {
    severity: "error",
    title: "tag and digest together",
    why: "An image is pulled by one of them, and it would be unclear which.",
  },
  DROP1008: {
    severity: "error",
    title: "a tag that no registry can have",
    why: "The pull could never succeed.",
  },
  DROP1009: {
    severity: "error",
    title: "a digest that is none",
    why: "The pull could never succeed.",
  },
  DROP1010: {
    severity: "error",
    title: "an image reference or repository that does not follow the OCI grammar",
    why: "The pull could never succeed.",
  },
  DROP1011: {
    severity: "error",
    title: "a discovery source whose type and settings do not belong together",
    why: "It would be unclear what to ask.",
  },
  DROP1012: {
    severity: "error",
    title: "an unusable URL",
    why: "Only plain http and https URLs are asked; a login in a URL ends up in logs and Git.",
  },
  DROP1013: {
    severity: "error",
    title: "two sources with the same name",
    why: "Results are remembered by the name of the source.",
  },
  DROP1014: {
    severity: "error",
    title: "an old and a new field name that disagree",
    why: "It would be unclear which is meant.",
  },
  DROP1015: {
    severity: "error",
    title: "a regular expression that RE2 cannot read",
    why: "Patterns are RE2, the syntax of Go and Prometheus, because it never takes exponential time.",
  },
  DROP1016: {
    severity: "error",
    title: "a duration that is none",
    why: "A number without a unit can mean seconds, minutes or nanoseconds.",
  },
  DROP1017: {
    severity: "error",
    title: "a first backoff that is longer than the longest",
    why: "The wait doubles from the first up to the longest.",
  },
  DROP1018: {
    severity: "error",
    title: "a duration of zero where time must pass",
    why: "Registries and Prometheus would be asked without a pause.",
  },
  DROP1019: {
    severity: "error",
    title: "an image template that cannot be used",
    why: "No image could be made from it.",
  },
  DROP1020: {
    severity: "error",
    title: "a label, annotation or selector that Kubernetes refuses",
    why: "No node can carry such a label.",
  },
  DROP1021: {
    severity: "error",
    title: "a toleration that Kubernetes refuses",
    why: "The Pods that pull the image could not be created.",
  },
  DROP1022: {
    severity: "error",
    title: "a range query with too many points",
    why: "Prometheus answers at most 11,000 points for each series.",
  },
  DROP1023: {
    severity: "error",
    title: "an object name that Kubernetes refuses, or none",
    why: "The API server refuses the object.",
  },
  DROP1024: {
    severity: "error",
    title: "the same entry twice in a list of unique entries",
    why: "The API server refuses the object.",
  },
  DROP1025: {
    severity: "error",
    title:
      "a regular expression with look-around in another form than a leading negative look-ahead, or too large",
    why: "RE2 has no look-around, and large patterns take time and memory at every match.",
  },
  DROP1026: {
    severity: "error",
    title: "a null inside a map",
    why: "The API server removes the entry without a word: a selector would silently widen to all nodes.",
  },
  DROP1101: {
    severity: "error",
    title: "text that is not YAML",
    why: "kubectl, Argo CD and Flux cannot read it either.",
  },
  DROP1102: {
    severity: "error",
    title: "the same key twice in one mapping",
    why: "Readers keep the first or the last one, each as it likes.",
  },
  DROP1103: {
    severity: "error",
    title: "a plain value that YAML 1.1 readers take for something else",
    why: "kubectl reads on as true, 010 as 8 and 1_0 as 10: the cluster would see another value.",
  },
  DROP1104: {
    severity: "error",
    title: "a kind or version of Drop's group that does not exist",
    why: "The API server does not know it.",
  },
  DROP1105: {
    severity: "error",
    title: "a document that is no Kubernetes object",
    why: "kubectl cannot apply it.",
  },
  DROP1106: {
    severity: "error",
    title: "a file that is too large, too deep or expands without end",
    why: "Reading it would take all memory.",
  },
  DROP1107: {
    severity: "error",
    title: "the same object twice",
    why: "The one that is applied last would win.",
  },
  DROP1108: {
    severity: "error",
    title: "a set whose DiscoveryPolicy is not among the inputs, when rendering",
    why: "Nothing can be discovered for it, and rendering without would remove its images.",
  },
  DROP1109: {
    severity: "error",
    title: "a drop.yaml that contradicts itself",
    why: "Two targets that share a folder or a name would undo each other's work.",
  },
  DROP2001: {
    severity: "warning",
    title: "a tag that moves, under a pace that never pulls again",
    why: "Nodes keep the image that the tag named on the day of the first pull.",
  },
  DROP2002: {
    severity: "warning",
    title: "imagePullPolicy Never",
    why: "Nothing is pulled; Drop only reports where the image already is.",
  },
  DROP2003: {
    severity: "warning",
    title: "a short image name",
    why: "It is read as Docker Hub's, which is not what every container runtime does.",
  },
  DROP2004: {
    severity: "warning",
    title: "the old name of a field",
    why: "It still works, and may be gone in a later version of the API.",
  },
  DROP2005: {
    severity: "warning",
    title: "a Secret for a source without TLS",
    why: "Everybody on the way can read the login.",
  },
  DROP2006: {
    severity: "warning",
    title: "a null where a field could be left out",
    why: "kubectl create drops it, server-side apply refuses it.",
  },
  DROP2007: {
    severity: "warning",
    title: "a query that is no PromQL",
    why: "Prometheus will refuse it. MetricsQL of VictoriaMetrics is not checked.",
  },
  DROP2008: {
    severity: "warning",
    title: "a query whose result has no label image",
    why: "Without that label there is nothing to pull.",
  },
  DROP2101: {
    severity: "warning",
    title: "a PullPolicy that is not among the objects",
    why: "The image waits until the policy exists.",
  },
  DROP2102: {
    severity: "warning",
    title: "a DiscoveryPolicy that is not among the objects",
    why: "The set gets no discovered images until it exists.",
  },
  DROP2103: {
    severity: "warning",
    title: "a Secret that is not there",
    why: "The source or the registry refuses, or answers only what is public.",
  },
  DROP2104: {
    severity: "warning",
    title: "the same image wanted twice on overlapping nodes",
    why: "One of the two is not needed, and their pace may disagree.",
  },
  DROP2105: {
    severity: "warning",
    title: "a pace that cannot reach its nodes within a day",
    why: "New images would be warm only after the Pods that need them.",
  },
  DROP2106: {
    severity: "warning",
    title: "a DiscoveryPolicy that no set uses",
    why: "It is never asked.",
  },
  DROP2107: {
    severity: "warning",
    title: "a Secret that may not be sent to the host of its source",
    why: "Its annotation drop.corewire.io/allowed-hosts does not list the host, so the source fails.",
  },
} as const satisfies Readonly<Record<string, RuleFact>>;

export type RuleId = keyof typeof RULES;

/** Whether the text is the id of a rule. */
export function isRuleId(text: string): text is RuleId {
  return Object.hasOwn(RULES, text);
}
