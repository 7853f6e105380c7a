import { API_VERSION } from "../../api/types.gen.ts";
import type { EventText } from "../../kube/events.ts";
import type { Emit } from "../status/events.ts";

/** An Event as the API server takes it; it is about what Drop does, which is to pull. */
export function eventText({ regarding, severity, reason, note }: Emit): EventText {
  const { kind, name, uid } = regarding;
  return {
    regarding: { apiVersion: API_VERSION, kind, name, uid },
    ...{ type: severity, reason, note, action: "Pull" },
  };
}
