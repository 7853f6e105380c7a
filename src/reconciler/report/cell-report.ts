import type { Parsed } from "../../api/parsed.ts";
import { parsed } from "../../api/parsed.ts";
import type { StandingHold } from "../ledger/holds.ts";
import type { Cell } from "../model/cell.ts";
import type { ImageFacts, NodeFacts } from "../model/facts.ts";
import { cellState } from "./cell-state.ts";
import { findImage, findNode, type WantedImage } from "./find.ts";
import { holdReport } from "./hold-report.ts";
import { failureOn } from "./image-report.ts";
import type { CellReport, PolicyReport, WantReport } from "./model.ts";
import { policyNameOf, policyReports } from "./policy-report.ts";
import { type RunningPull, runningPulls, runningReport } from "./running.ts";
import { head } from "./status-report.ts";
import { timesOf } from "./times.ts";
import type { View } from "./view.ts";

/** What is asked: a node's name, and a CachedImage's name or an image reference. */
export interface CellQuestion {
  readonly node: string;
  readonly image: string;
}

/** Why an image is, or is not, on a node. */
export function cellReport(view: View, question: CellQuestion): Parsed<CellReport> {
  const node = findNode(view.facts, question.node);
  if (!node.ok) return node;
  const image = findImage(view.facts, question.image);
  return image.ok ? parsed(reportOf(view, node.value, image.value)) : image;
}

function reportOf(view: View, node: NodeFacts, image: WantedImage): CellReport {
  const { reference } = image;
  const policies = policyReports(view, policiesOf(image.wantedBy));
  const wantedBy = image.wantedBy.map((one) => wantReport(view, { image: one, node, policies }));
  const cell = view.cellOf(reference, node);
  const onNode = runningPulls(view.facts).filter((pull) => pull.node === node.name);
  const running = onNode.find((pull) => pull.reference === reference);
  const holds = view.holds().filter((hold) => concerns(hold, { node, image }));
  const state = stateOf(view, { cell, wantedBy, running, isHeld: holds.length > 0 });
  return {
    ...head(view),
    ...{ node: node.name, reference, state, wantedBy },
    ...presence(cell),
    ...(!cell.isPresent && failureOn(cell)),
    ...(state === "Backoff" && timesOf({ nextAttemptTime: cell.nextAttemptAt })),
    ...(running !== undefined && { running: runningReport(running) }),
    ...busyWith(onNode, running),
    holds: holds.map(holdReport),
  };
}

interface WantInput {
  readonly image: ImageFacts;
  readonly node: NodeFacts;
  readonly policies: ReadonlyMap<string, PolicyReport>;
}

function wantReport(view: View, { image, node, policies }: WantInput): WantReport {
  const { spec, setName } = image;
  const imagePullPolicy = typeof spec === "string" ? "Never" : spec.imagePullPolicy;
  const policy = policies.get(policyNameOf(image));
  const exclusion = view.exclusionOf(image, node);
  const pause = view.pauseOf(image);
  return {
    image: image.name,
    ...(setName !== undefined && { set: setName }),
    imagePullPolicy,
    ...(exclusion !== undefined && { exclusion }),
    ...(pause !== undefined && { pause }),
    ...(policy !== undefined && { policy }),
  };
}

function presence({ isPresent, isVerified, since, lostAt, evictions }: Cell) {
  const times = timesOf(isPresent ? { since } : { lostTime: lostAt });
  return { isPresent, isVerified, evictions, ...times };
}

function busyWith(onNode: readonly RunningPull[], running: RunningPull | undefined) {
  const [other] = onNode;
  return running !== undefined || other === undefined ? {} : { busyWith: other.reference };
}

interface StateInput {
  readonly cell: Cell;
  readonly wantedBy: readonly WantReport[];
  readonly running: RunningPull | undefined;
  readonly isHeld: boolean;
}

/** Of several CachedImages with one reference, the one that comes closest to a pull counts. */
function stateOf(view: View, { cell, wantedBy, running, isHeld }: StateInput): CellReport["state"] {
  const targeting = wantedBy.filter(({ exclusion }) => exclusion === undefined);
  return cellState({
    ...{ cell, isHeld, isRunning: running !== undefined, now: view.now },
    exclusion: targeting.length > 0 ? undefined : wantedBy[0]?.exclusion,
    isPaused: targeting.length > 0 && targeting.every(({ pause }) => pause !== undefined),
    isQueued: view.source === "reconciler",
  });
}

interface Concern {
  readonly node: NodeFacts;
  readonly image: WantedImage;
}

/** Whether a hold keeps this image from this node. */
function concerns({ kind, subject }: StandingHold, { node, image }: Concern): boolean {
  const { reference, wantedBy } = image;
  if (kind === "image") return subject === reference;
  if (kind === "platform") return subject === `${reference} on ${node.architecture}`;
  if (kind === "registry") return hostsOf(wantedBy).has(subject);
  if (kind === "node") return subject === node.name;
  if (kind === "policy") return policiesOf(wantedBy).has(subject);
  return true;
}

function hostsOf(images: readonly ImageFacts[]): ReadonlySet<string> {
  return new Set(images.flatMap(({ spec }) => (typeof spec === "string" ? [] : spec.registryHost)));
}

function policiesOf(images: readonly ImageFacts[]): ReadonlySet<string> {
  return new Set(images.map(policyNameOf));
}
