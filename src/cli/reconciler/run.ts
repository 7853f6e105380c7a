import { hostname } from "node:os";
import { connectServer } from "../../kube/connection.ts";
import { runReconciler } from "../../reconciler/loop/run.ts";
import { DEFAULT_HELPER_IMAGE, DEFAULT_PAUSE_IMAGE } from "../../reconciler/pull-pod/images.ts";
import { systemClock } from "../../runtime/http-clock.ts";
import { createLogger } from "../../runtime/logger.ts";
import type { CommandContext } from "../context.ts";
import type { ReconcilerFlags } from "../reconciler.ts";

/** Runs `drop reconciler` until it is told to end. */
export async function reconciler(flags: ReconcilerFlags, context: CommandContext): Promise<void> {
  const { terminal, signal, version } = context;
  const log = createLogger({
    level: flags.logLevel,
    part: "reconciler",
    // A log that cannot be written must not end the reconciler.
    write: (line) => void terminal.stdout.write(line).catch(() => undefined),
  });
  const connection = await connectServer(flags);
  try {
    const options = {
      ...{ connection, version, log },
      clock: context.outside?.clock ?? systemClock,
      limits: { qps: flags.kubeApiQps, burst: flags.kubeApiBurst },
      lease: {
        ...{ namespace: flags.namespace, name: flags.lease },
        identity: flags.identity ?? hostname(),
      },
      health: { host: flags.host, port: flags.healthPort },
      decisions: decisionOptions(flags),
      pods: podOptions(flags),
    };
    await runReconciler(options, signal);
  } finally {
    await connection.close();
  }
}

function decisionOptions(flags: ReconcilerFlags) {
  return {
    maxImagesPerPod: flags.maxImagesPerPod,
    pullMethod: flags.pullMethod,
    nodeStatusMaxImages: flags.nodeStatusMaxImages,
    evictionBackoffMs: flags.evictionBackoff,
  };
}

function podOptions(flags: ReconcilerFlags) {
  return {
    namespace: flags.pullNamespace,
    pauseImage: flags.pauseImage ?? DEFAULT_PAUSE_IMAGE,
    helperImage: flags.helperImage ?? DEFAULT_HELPER_IMAGE,
    priorityClassName: flags.priorityClass,
    labels: flags.podLabel,
    annotations: flags.podAnnotation,
  };
}
