import { decode } from "../../api/decode.ts";
import { type ImageOrigin, ORIGIN_LABEL } from "../../api/labels.ts";
import { formatPath, isMistake, type Problem } from "../../api/problem.ts";
import { isRecord } from "../../api/record.ts";
import type { CachedImageSpec } from "../../api/types.gen.ts";
import type { ImageFacts, ImageSpecFacts } from "../model/facts.ts";
import { countIn, isDeleting, textIn, timeIn, typed } from "./fields.ts";
import { setNameOf } from "./owner.ts";
import { entryReference } from "./reference.ts";
import { imageStatusOf } from "./status.ts";

/** What Drop reads of a CachedImage; undefined for what has no name or uid. */
export function imageFacts(raw: unknown): ImageFacts | undefined {
  const name = textIn(raw, "metadata", "name");
  const uid = textIn(raw, "metadata", "uid");
  if (name === "" || uid === "") return undefined;
  return {
    name,
    uid,
    generation: countIn(raw, "metadata", "generation") ?? 0,
    createdAt: timeIn(raw, "metadata", "creationTimestamp") ?? 0,
    isDeleting: isDeleting(raw),
    origin: originOf(raw),
    setName: setNameOf(raw),
    spec: specFacts(raw),
    status: imageStatusOf(raw),
  };
}

function originOf(raw: unknown): ImageOrigin | undefined {
  const origin = textIn(raw, "metadata", "labels", ORIGIN_LABEL);
  return origin === "static" || origin === "discovered" ? origin : undefined;
}

/** A strange status or strange metadata is no reason not to understand the spec. */
function specFacts(raw: unknown): ImageSpecFacts | string {
  const name = textIn(raw, "metadata", "name");
  const bare =
    isRecord(raw) && "spec" in raw
      ? { metadata: { name }, spec: raw["spec"] }
      : { metadata: { name } };
  const { object, problems } = decode("CachedImage", typed("CachedImage", bare));
  return object === undefined ? faultsIn(problems) : understood(object.spec);
}

function understood(spec: CachedImageSpec): ImageSpecFacts | string {
  const entry = entryReference(spec);
  if (typeof entry === "string") return "spec.image: it is no image reference";
  return {
    ...entry,
    imagePullPolicy: spec.imagePullPolicy,
    imagePullSecrets: [
      ...new Set((spec.imagePullSecrets ?? []).map((secret) => secret.name)),
    ].sort(),
    nodeSelector: spec.nodeSelector ?? {},
    tolerations: spec.tolerations ?? [],
    priority: spec.priority ?? 0,
    policyName: spec.policyRef?.name,
    isSuspended: spec.suspend === true,
  };
}

/** How many mistakes are told of one object; whoever corrects these sees the others. */
const MISTAKES_TOLD = 3;

function faultsIn(problems: readonly Problem[]): string {
  return problems
    .filter(isMistake)
    .slice(0, MISTAKES_TOLD)
    .map(({ path, what, fix }) => `${formatPath(path)}: ${what}; ${fix}`)
    .join(". ");
}
