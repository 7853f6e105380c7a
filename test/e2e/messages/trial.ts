import { isDeepStrictEqual } from "node:util";
import type { PodWatch, Said } from "../../support/pod-watch.ts";
import { helperPod, volumePod } from "../../support/pull-pods.ts";
import type { Case } from "./cases.ts";

export const namespace = "pulls";

/** The ways in which a Pod makes kubelet pull. */
export const methods = ["image-volume", "helper"] as const;

/** One case tried on one node in one way. */
export interface Trial {
  readonly one: Case;
  readonly method: (typeof methods)[number];
  readonly nodeName: string;
  /** Of the container. */
  readonly name: string;
}

/** Trials that share a Pod, as Drop's pulls do. */
export interface Batch {
  readonly podName: string;
  /** Of one node, one way, one secret and one tool image. */
  readonly trials: readonly Trial[];
}

const mostInPod = 10;

/** Every case in both ways on a node; each image of a Pod is pulled after the one before, so slow ones are alone. */
export function batchesFor(nodeName: string, cases: readonly Case[]): readonly Batch[] {
  return methods.flatMap((method) => {
    const trials = cases.map((one, at): Trial => ({ one, method, nodeName, name: `pull-${at}` }));
    const alike = Map.groupBy(
      trials,
      ({ one, name }) => `${one.secret} ${one.toolImage} ${one.isSlow ? name : ""}`,
    );
    return [...alike.values()]
      .flatMap(chunk)
      .map((some, at) => ({ podName: `${nodeName}-${method}-${at}`, trials: some }));
  });
}

function chunk(trials: readonly Trial[]): readonly (readonly Trial[])[] {
  const count = Math.ceil(trials.length / mostInPod);
  return Array.from({ length: count }, (_, at) =>
    trials.slice(at * mostInPod, (at + 1) * mostInPod),
  );
}

/** What was said in a trial, as it is kept for the tests of the classification. */
export interface SaidInTrial extends Said {
  readonly case: string;
  readonly method: Trial["method"];
  readonly reference: string;
  readonly toolImage?: string;
}

export interface ToolImages {
  readonly pauseImage: string;
  readonly helperImage: string;
}

/** The Pod of a batch. */
export function podOf({ pauseImage, helperImage }: ToolImages, batch: Batch): object {
  const [first] = batch.trials;
  if (first === undefined) throw new Error("a Pod needs a container");
  const { secret, toolImage } = first.one;
  const options = {
    namespace,
    name: batch.podName,
    nodeName: first.nodeName,
    pulls: batch.trials.map((trial) => {
      const { pullPolicy } = trial.one;
      return { name: trial.name, reference: referenceOf(trial), ...(pullPolicy && { pullPolicy }) };
    }),
    secrets: secret === undefined ? [] : [secret],
  };
  return first.method === "helper"
    ? helperPod(toolImage ?? helperImage, options)
    : volumePod(toolImage ?? pauseImage, options);
}

function referenceOf({ one, method }: Trial): string {
  return one.reference.replace("METHOD", method);
}

/** What a container says while nothing is wrong yet. */
const onTheWay = ["PodInitializing", "ContainerCreating"];

/** What kubelet said up to the first word that lasts: what it sees when it tries again depends on when one looks. */
export function saidIn(watch: PodWatch, podName: string, trial: Trial): readonly SaidInTrial[] {
  const { one, method } = trial;
  const { name, toolImage } = one;
  // A helper is copied into place by a container of its own, before the one that is for the image.
  const container = method === "helper" && toolImage !== undefined ? "copy" : trial.name;
  const all = watch
    .ofContainer(podName, container)
    .filter(({ reason }) => !onTheWay.includes(reason))
    .map(({ reason, message }) => ({ reason, message: settle(message) }));
  const subject = { case: name, method, reference: referenceOf(trial) };
  return all
    .slice(0, all.findIndex(isLasting) + 1)
    .filter((said, at) => all.findIndex((other) => isDeepStrictEqual(other, said)) === at)
    .map((said) => ({ ...subject, ...(toolImage && { toolImage }), ...said }));
}

/** A failed pull ends in waiting for the next; what is never tried, or ends well, lasts at once. */
function isLasting({ reason }: Said): boolean {
  return reason !== "ErrImagePull";
}

/** What differs from run to run or from machine to machine becomes the same in each. */
function settle(message: string): string {
  return message
    .replaceAll(/127\.0\.0\.1:\d+/g, "127.0.0.1:5000")
    .replaceAll(/expected \d+ bytes but got \d+/g, "expected 4096 bytes but got 13")
    .replaceAll(/sha256:(?!0{64})[0-9a-f]{64}/g, `sha256:${"1".repeat(64)}`)
    .replaceAll(/(lookup nowhere\.invalid) .*$/g, "$1 on 192.0.2.53:53: no such host");
}
