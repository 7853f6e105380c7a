import type { Http } from "../runtime/http.ts";
import type { Clock } from "../runtime/http-clock.ts";
import type { Credentials } from "./logins/credentials.ts";
import type { SourcePart } from "./outcome.ts";
import type { SourceSignals } from "./source-error.ts";

/** How far one part of a source has been read. */
export interface SourceProgress {
  readonly source: string;
  readonly part: string;
  readonly pages: number;
  /** Tags of a registry, series of Prometheus. */
  readonly tags: number;
}

/** What a source is asked with. */
export interface SourceContext extends SourceSignals {
  readonly http: Http;
  readonly clock: Clock;
  readonly credentials: Credentials;
  /** Whether a token service's host is among the allowed endpoints. */
  readonly isListed: (hostname: string) => boolean;
  readonly onProgress: (progress: Omit<SourceProgress, "source">) => void;
}

/** What a source gave: its parts, and what was left out, for people. */
export interface SourceAnswer {
  readonly parts: readonly SourcePart[];
  readonly notes: readonly string[];
}
