import { hash } from "node:crypto";

/** What the API server gives every object, https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#uids. */
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The name of the one pull Pod that a node may have, a DNS label of at most 41 characters. */
export function pullPodName(nodeUid: string): string {
  return `pull-${UUID.test(nodeUid) ? nodeUid : hash("sha256", nodeUid).slice(0, 36)}`;
}
