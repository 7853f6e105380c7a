import type { UnknownRecord } from "../../api/record.ts";
import type { PodOptions } from "../model/options.ts";
import type { PodWork, WorkItem } from "../model/pod.ts";

/** Anybody but root; said outright, since an image's own user may be root or a name that kubelet cannot judge. */
const USER = 65_532;

/** Name of the init container and of the volume that carry Drop's own program. */
export const TOOL_CONTAINER = "drop-tool";
const TOOL_FOLDER = "/drop";
/** Called by this name, busybox does nothing and ends with 0. */
const TOOL = `${TOOL_FOLDER}/true`;
const TOOL_VOLUME_SIZE = "16Mi";

const RESOURCES = { requests: { cpu: "1m", memory: "8Mi" }, limits: { memory: "32Mi" } } as const;

/** What the Pod Security level `restricted` asks of a Pod, and more. */
export const POD_SECURITY = {
  runAsNonRoot: true,
  runAsUser: USER,
  runAsGroup: USER,
  seccompProfile: { type: "RuntimeDefault" },
} as const;

const CONTAINER_SECURITY = {
  ...POD_SECURITY,
  privileged: false,
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ["ALL"] },
} as const;

/** The part of a Pod's spec that makes kubelet pull. */
export function pullingSpec(work: PodWork, options: PodOptions): UnknownRecord {
  return work.method === "image-volume"
    ? imageVolumeSpec(work.items, options.pauseImage)
    : helperSpec(work.items, options.helperImage);
}

/** Each container is a tiny program of ours with the image mounted: what is not mounted, kubelet pulls in silence. */
function imageVolumeSpec(items: readonly WorkItem[], pauseImage: string): UnknownRecord {
  return {
    containers: items.map(({ container }) => ({
      name: container,
      image: pauseImage,
      imagePullPolicy: "IfNotPresent",
      command: ["/pause", "-v"],
      resources: RESOURCES,
      securityContext: CONTAINER_SECURITY,
      volumeMounts: [{ name: container, mountPath: "/image", readOnly: true }],
    })),
    volumes: items.map(({ container, reference, pullPolicy }) => ({
      name: container,
      image: { reference, pullPolicy },
    })),
  };
}

/** Each container is the image, running a program of ours that it finds in a volume, and none of its own. */
function helperSpec(items: readonly WorkItem[], helperImage: string): UnknownRecord {
  const tool = { name: TOOL_CONTAINER, mountPath: TOOL_FOLDER };
  return {
    initContainers: [
      {
        name: TOOL_CONTAINER,
        image: helperImage,
        imagePullPolicy: "IfNotPresent",
        command: ["/bin/busybox", "cp", "/bin/busybox", TOOL],
        workingDir: "/",
        resources: RESOURCES,
        securityContext: CONTAINER_SECURITY,
        volumeMounts: [tool],
      },
    ],
    containers: items.map(({ container, reference, pullPolicy }) => ({
      name: container,
      image: reference,
      imagePullPolicy: pullPolicy,
      command: [TOOL],
      // The image's own may be a folder that only root may enter.
      workingDir: "/",
      resources: RESOURCES,
      securityContext: CONTAINER_SECURITY,
      volumeMounts: [{ ...tool, readOnly: true }],
    })),
    volumes: [{ name: TOOL_CONTAINER, emptyDir: { sizeLimit: TOOL_VOLUME_SIZE } }],
  };
}
