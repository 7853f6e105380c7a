import type { FailureReason, FailureScope } from "../model/failure.ts";

/** What a message is taken to say when one of its phrases stands in it. */
export interface MessageRule {
  readonly reason: FailureReason;
  /** Where it is not the reason's own. */
  readonly scope?: FailureScope;
  /** Phrases in lower case, and patterns over lower-case text that need no more than one look at each character. */
  readonly phrases: readonly (string | RegExp)[];
}

/** The runtime does not answer kubelet or its disk is broken: the node's trouble, and no registry's. */
const NODE_BROKEN: MessageRule = {
  reason: "NodeRejected",
  phrases: [
    ...["dial unix", "transport: error while dialing", "error reading from server: eof"],
    ...["read-only file system", "input/output error", "structure needs cleaning"],
  ],
};

const DISK_FULL: MessageRule = {
  reason: "DiskPressure",
  phrases: ["no space left on device", "disk quota exceeded", "not enough disk space"],
};

/** What the node has stored of the image is broken: no registry said "not found" here. */
export const STORED_BROKEN: MessageRule = {
  reason: "Unknown",
  phrases: [
    ...[/content digest \S+: not found/, "reader from content store", "error unpacking image"],
    ...["failed to extract layer", "failed to prepare extraction snapshot", "missing parent"],
    ...["from containerd image store", "failed commit on ref", "failed size validation"],
    ...["unexpected commit digest", "applying layer", "layer not known", "not a valid layer"],
    ...["content size of zero", /snapshot \S+ does not exist/, "error creating read-write layer"],
  ],
};

const OF_THE_NODE: readonly MessageRule[] = [NODE_BROKEN, DISK_FULL];

/** The image holds nothing for this node. Its "not found" is about a platform, so that this comes first. */
const PLATFORM: MessageRule = {
  reason: "PlatformMismatch",
  phrases: [
    ...[
      "no match for platform",
      "no matching manifest for",
      "does not match the specified platform",
    ],
    ...["no image found in manifest list for", "no image found in image index for"],
    ...["choosing image instance", "cannot be used on this platform", "exec format error"],
    ...[/image operating system "?\w+"? cannot be used/, "image os/arch"],
  ],
};

/** Kubelet's own limit on pulls speaks of the node's other work, not of the registry. */
const TOO_MANY: readonly MessageRule[] = [
  { reason: "RateLimited", scope: "cell", phrases: ["pull qps exceeded"] },
  {
    reason: "RateLimited",
    phrases: [
      ...["toomanyrequests", "too many requests", "pull rate limit", "rate exceeded"],
      ...[
        "rate limit exceeded",
        "status code 429",
        "status 429",
        "download limit",
        "quota exceeded for quota",
      ],
      ...["secondary rate limit", "throttlingexception", "exceeded your pull"],
    ],
  },
];

const NETWORK: readonly MessageRule[] = [
  {
    reason: "DNSError",
    phrases: [
      ...["no such host", "server misbehaving", "temporary failure in name resolution"],
      ...["name or service not known", "could not resolve host", /\blookup \S+(?: on \S+)?: /],
    ],
  },
  { reason: "Timeout", phrases: ["tls handshake timeout"] },
  {
    reason: "TLSError",
    phrases: [
      ...["x509:", "tls: ", "server gave http response to https client"],
      ...["sent an http request to an https server", "certificate verify failed"],
    ],
  },
  {
    reason: "Timeout",
    phrases: [
      ...["i/o timeout", "context deadline exceeded", "timeout awaiting response headers"],
      ...["client.timeout exceeded", "operation timed out", "connection timed out"],
      ...["504 gateway", "gateway timeout", "gateway time-out", "status code 504"],
    ],
  },
  // Containerd ends a pull that makes no progress, and kubelet one whose Pod goes.
  {
    reason: "Timeout",
    scope: "cell",
    phrases: ["context canceled", "request canceled", "code = canceled"],
  },
  {
    reason: "ConnectionRefused",
    phrases: [
      ...["connection refused", "no route to host", "network is unreachable", "proxyconnect"],
      ...["host is down", "502 bad gateway", "503 service", "service unavailable"],
      ...["bad gateway", "status code 502", "status code 503", "registry is unavailable"],
      ...["registry 502", "registry 503"],
      ...["server closed idle connection", /\b52[0-6] (?:origin|web server|a timeout|connection)/],
    ],
  },
  {
    // What breaks off in the middle of an image says little about the next one.
    reason: "ConnectionRefused",
    scope: "cell",
    phrases: ["connection reset by peer", "broken pipe", /: eof$/],
  },
];

const REFERENCE: MessageRule = {
  reason: "InvalidReference",
  phrases: [
    ...["invalid reference format", "couldn't parse image", "failed to parse image reference"],
    ...["failed to apply default image tag", "must be lowercase", "invalid image name"],
    ...["cannot parse image", "short-name resolution enforced", "short name"],
    // It names something that is there and is no image that a runtime can pull.
    ...[
      "unsupported media type",
      "unsupported manifest media type",
      "is no longer supported since",
    ],
    ...["invalid rootfs in image configuration", "unsupported image-specific operation"],
    ...["unknown media type", "invalid mixed oci image"],
    ...[/unexpected media type (?!text)/, "schema 1 not supported", "unsupported schema version"],
    ...[/\bapplication\/\S+ (?:is )?not supported/],
  ],
};

const ACCESS: readonly MessageRule[] = [
  {
    reason: "Forbidden",
    phrases: [
      ...["signature validation failed", "signature was required", "source image rejected"],
      ...["rejected by policy", "451 unavailable for legal"],
    ],
  },
  {
    reason: "Unauthorized",
    phrases: [
      ...["pull access denied", "insufficient_scope", "authorization token has expired"],
      ...["no basic auth credentials", "authentication required", "unauthenticated requests"],
    ],
  },
  {
    reason: "Forbidden",
    phrases: [
      ...[
        "403 forbidden",
        "status code 403",
        "access forbidden",
        "access to the resource is denied",
      ],
      ...["denied: ", "access denied", "accessdenied", "is not authorized to perform"],
      ...["denied on resource", ": forbidden", "http 403", "registry 403"],
    ],
  },
  {
    reason: "Unauthorized",
    phrases: [
      ...[
        "unauthorized",
        "http 401",
        "registry 401",
        "status code 401",
        "authorization failed",
        "invalid username",
      ],
      ...["incorrect username", "not authenticated", "requires authentication", "login required"],
      ...["authorization server did not include a token", "anonymous callers"],
    ],
  },
];

/** A login page or a proxy's answers in place of the registry. */
const WEB_PAGE: MessageRule = { reason: "Unknown", phrases: ["unexpected media type text/"] };

const ABSENT: MessageRule = {
  reason: "NotFound",
  phrases: [
    ...["manifest unknown", "name unknown", "name_unknown", "manifest_unknown", "not found"],
    ...["repository name not known", "does not exist", "status code 404", "was deleted"],
    ...["has expired", "no such image", "unknown repository", "blob unknown"],
  ],
};

/**
 * The first rule with a phrase in the message decides. From the nearest to the farthest: the node, what it has stored,
 * the way to the registry, the name, the right to it, and only then what the registry does not have, since "not found"
 * stands in many messages.
 */
export const MESSAGE_RULES: readonly MessageRule[] = [
  ...OF_THE_NODE,
  PLATFORM,
  STORED_BROKEN,
  ...TOO_MANY,
  ...NETWORK,
  REFERENCE,
  ...ACCESS,
  WEB_PAGE,
  ABSENT,
];

/** Those about the node alone, whichever image was being pulled. */
export const NODE_RULES = OF_THE_NODE;

/** Whether a rule has a phrase in these words. */
export function speaks({ phrases }: MessageRule, words: string): boolean {
  return phrases.some((phrase) =>
    typeof phrase === "string" ? words.includes(phrase) : phrase.test(words),
  );
}
