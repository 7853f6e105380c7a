import {
  canonicalReference,
  formatReference,
  parseImageReference,
} from "../../api/image-reference.ts";
import { textIn } from "./fields.ts";

/** The image that an entry's `image`, `tag` and `digest` stand for. */
export interface EntryReference {
  /** Normalised and complete: `docker.io/library/nginx:latest`. */
  readonly reference: string;
  /** The host[:port] part of it. */
  readonly registryHost: string;
  /** It is pinned by a digest. */
  readonly isPinned: boolean;
}

/** Reads an entry as the API server may hold it; a text is what was written, where it is no reference. */
export function entryReference(entry: unknown): EntryReference | string {
  const [image, tag, digest] = [
    textIn(entry, "image"),
    textIn(entry, "tag"),
    textIn(entry, "digest"),
  ];
  const written = `${image}${tag && `:${tag}`}${digest && `@${digest}`}`;
  const reference = parseImageReference(written);
  if (!reference.ok) return written;
  return {
    reference: formatReference(canonicalReference(reference.value)),
    registryHost: reference.value.registry,
    isPinned: reference.value.digest !== undefined,
  };
}
