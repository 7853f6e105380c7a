/** What a pull comes to on a fake node, where it does not succeed. */
export interface PullRule {
  /** A part of the image's reference; every image without it. */
  readonly image?: string;
  /** A part of the node's name; every node without it. */
  readonly node?: string;
  /** Undefined: it never ends. IMAGE in the message stands for the reference. */
  readonly failure?: { readonly reason: string; readonly message: string };
}

/** Stages that have the Pods of fake nodes start, and their pulls end after a while as the rules say. */
export function podStages(
  rules: readonly PullRule[],
  [least, most]: readonly [number, number],
): readonly object[] {
  const delay = { durationMilliseconds: least, jitterDurationMilliseconds: most };
  return [
    stage("pod-start", [alive, { key: progress, operator: "DoesNotExist" }], {
      next: { statusTemplate: started },
    }),
    stage("pod-pull", [alive, { key: progress, operator: "In", values: ["False"] }], {
      delay,
      next: { statusTemplate: ended(rules) },
    }),
    // Without a stage for nodes kwok looks at no node at all, and so at no Pod.
    stage("node-never", [{ key: ".status.never", operator: "Exists" }], { next: {} }, "Node"),
    stage("pod-delete", [{ key: leaving, operator: "Exists" }], { next: { delete: true } }),
  ];
}

const alive = { key: ".metadata.deletionTimestamp", operator: "DoesNotExist" };

/** What is deleted without a grace goes by itself; kwok, who deletes by name, would hit the next Pod of that name. */
const leaving = ".metadata.deletionGracePeriodSeconds | select( . != null and . > 0 )";

/** This condition says how far a Pod is. */
const condition = "PodReadyToStartContainers";
const progress = `.status.conditions.[] | select( .type == "${condition}" ) | .status`;

function stage(
  name: string,
  matchExpressions: readonly object[],
  spec: object,
  kind: "Pod" | "Node" = "Pod",
): object {
  return {
    apiVersion: "kwok.x-k8s.io/v1alpha1",
    kind: "Stage",
    metadata: { name },
    spec: { resourceRef: { apiGroup: "v1", kind }, selector: { matchExpressions }, ...spec },
  };
}

const started = `
{{ $now := Now }}
phase: Pending
hostIP: 127.0.0.1
startTime: {{ $now | Quote }}
conditions:
- { type: ${condition}, status: "False", lastTransitionTime: {{ $now | Quote }} }
{{ if .spec.initContainers }}
initContainerStatuses:
{{ range .spec.initContainers }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  imageID: ""
  ready: false
  restartCount: 0
  state: { waiting: { reason: PodInitializing } }
{{ end }}
{{ end }}
containerStatuses:
{{ range .spec.containers }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  imageID: ""
  ready: false
  restartCount: 0
  state: { waiting: { reason: ContainerCreating } }
{{ end }}
`;

const done = `
  ready: false
  restartCount: 0
  state:
    terminated:
      exitCode: 0
      reason: Completed
      startedAt: {{ $now | Quote }}
      finishedAt: {{ $now | Quote }}
`;

/** As containerd names what it pulled: without the tag, with the digest that was asked for or one made up. */
const imageId =
  '{{ if contains "@" .image }}{{ .image | Quote }}{{ else }}' +
  '{{ printf "%s@sha256:%s" (regexReplaceAll ":[^:/]+$" .image "") (sha256sum .image) | Quote }}{{ end }}';

/** The image that a container is for is the one it mounts, and its own where it mounts none. */
function ended(rules: readonly PullRule[]): string {
  return `
{{ $now := Now }}
{{ $root := . }}
{{ $phase := "Succeeded" }}
conditions:
- { type: ${condition}, status: "True", lastTransitionTime: {{ $now | Quote }} }
{{ if .spec.initContainers }}
initContainerStatuses:
{{ range .spec.initContainers }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  imageID: ${imageId}
${done}
{{ end }}
{{ end }}
containerStatuses:
{{ range .spec.containers }}
{{ $wanted := .image }}
{{ range .volumeMounts }}
{{ $mount := .name }}
{{ range $root.spec.volumes }}
{{ if eq .name $mount }}{{ with .image }}{{ $wanted = .reference }}{{ end }}{{ end }}
{{ end }}
{{ end }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
${rules.map(branch).join("")}
{{ ${rules.length > 0 ? "else" : "if true"} }}
  imageID: ${imageId}
${done}
{{ end }}
{{ end }}
phase: {{ $phase }}
`;
}

function branch({ image, node, failure }: PullRule, at: number): string {
  const conditions = [
    ...(image === undefined ? [] : [`(contains ${JSON.stringify(image)} $wanted)`]),
    ...(node === undefined ? [] : [`(contains ${JSON.stringify(node)} $root.spec.nodeName)`]),
  ];
  const { reason = "ContainerCreating", message = "" } = failure ?? {};
  const said = `{{ ${JSON.stringify(message)} | replace "IMAGE" $wanted | Quote }}`;
  return `
{{ ${at === 0 ? "if" : "else if"} and true ${conditions.join(" ")} }}
{{ $phase = "Pending" }}
  imageID: ""
  ready: false
  restartCount: 0
  state: { waiting: { reason: ${reason}, message: ${said} } }
`;
}
