import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import fc from "fast-check";
import { classify, type PullFailure } from "../../../src/reconciler/failure/classify.ts";
import { scopeOf } from "../../../src/reconciler/failure/scope.ts";
import {
  FAILURE_REASONS,
  type FailureReason,
  type FailureScope,
} from "../../../src/reconciler/model/failure.ts";

const MESSAGES = join(import.meta.dirname, "..", "messages");

interface Reported {
  readonly case: string;
  readonly runtime: string;
  readonly image: string;
  readonly reason: string;
  readonly message: string;
  readonly expected: FailureReason;
  readonly scope?: FailureScope;
  readonly source: string;
}

/** What people reported of many runtimes and registries, the images renamed. */
const REPORTED: readonly Reported[] = JSON.parse(
  readFileSync(join(MESSAGES, "reported.json"), "utf8"),
);

function failureOf(message: string, seen: Partial<PullFailure> = {}) {
  const reference = "docker.io/acme/app:1.2";
  return classify({
    ...{ reason: "ErrImagePull", message, method: "helper", reference, toolImage: undefined },
    ...seen,
  });
}

describe("messages that people reported", () => {
  for (const { case: what, runtime, image, reason, message, expected, scope, source } of REPORTED) {
    test(`${what} (${runtime}, ${source}) is ${expected}`, () => {
      const failure = failureOf(message, { reason, reference: image });
      assert.equal(failure.reason, expected);
      assert.equal(failure.scope, scope ?? scopeOf(expected));
    });
  }

  test("each comes from a public thread or source, and no two rows are the same", () => {
    for (const { source } of REPORTED) assert.match(source, /^https:\/\/github\.com\/\S+$/);
    const distinct = new Set(REPORTED.map(({ image, message }) => `${image} ${message}`));
    assert.equal(distinct.size, REPORTED.length);
  });
});

interface Recorded {
  readonly case: string;
  readonly method: PullFailure["method"];
  readonly reference: string;
  readonly toolImage?: string;
  readonly reason: string;
  readonly message: string;
}

/** What each case of a real kubelet's record means; several where the moment decides which error comes first. */
const CASES: Readonly<
  Record<string, readonly (FailureReason | `${FailureReason} ${FailureScope}`)[]>
> = {
  "403": ["Forbidden"],
  "404 for a layer": ["NotFound", "Unknown"],
  "429": ["RateLimited"],
  "429 for a layer": ["RateLimited", "Unknown"],
  "500": ["Unknown"],
  "503": ["ConnectionRefused"],
  "a web page": ["Unknown"],
  "bad tag": ["InvalidReference"],
  "capital letters": ["InvalidReference"],
  "connection refused": ["ConnectionRefused"],
  "connection reset": ["ConnectionRefused cell"],
  "foreign architecture in an index": ["PlatformMismatch"],
  "http where https was asked": ["TLSError"],
  "layer changed": ["Unknown"],
  "layer cut short": ["Unknown"],
  "missing digest": ["NotFound"],
  "missing repository": ["NotFound"],
  "missing tag": ["NotFound"],
  "missing tool image": ["NotFound installation"],
  never: ["NotPresent"],
  "never by digest": ["NotPresent"],
  "never, present, pulled with a secret that this Pod has not": ["NotPresent"],
  "no answer": ["Timeout"],
  "no login": ["Unauthorized"],
  "present, pulled with a secret that this Pod has not": ["Unauthorized"],
  "token refused": ["Unauthorized"],
  "token without the right": ["Unauthorized"],
  "unknown authority": ["TLSError"],
  "unknown host": ["DNSError"],
  "wrong password": ["Unauthorized"],
};

describe("messages of a real kubelet", () => {
  const files = readdirSync(MESSAGES).filter((name) => name.startsWith("kubelet-"));

  for (const file of files) {
    const rows: readonly Recorded[] = JSON.parse(readFileSync(join(MESSAGES, file), "utf8"));
    const failed = rows.filter(({ reason }) => reason !== "Completed");
    for (const { case: what, method, reason, message, reference, toolImage } of failed) {
      test(`${file}: ${what} by ${method}, ${reason}`, () => {
        const failure = failureOf(message, { reason, method, reference, toolImage });
        const meanings = (CASES[what] ?? []).map((meaning) => meaning.split(" "));
        const found = meanings.find(([expected]) => expected === failure.reason);
        assert.ok(found, `${failure.reason} is not what "${what}" means: ${message}`);
        assert.equal(failure.scope, found[1] ?? scopeOf(failure.reason));
      });
    }
  }

  test("waiting after an attempt says the same as the attempt", () => {
    for (const file of files) {
      const rows: readonly Recorded[] = JSON.parse(readFileSync(join(MESSAGES, file), "utf8"));
      for (const row of rows.filter(({ reason }) => reason === "ImagePullBackOff")) {
        const message = row.message.replace(/^Back-off pulling image "[^"]*": ErrImagePull: /, "");
        const seen = { method: row.method, reference: row.reference, toolImage: row.toolImage };
        const attempt = failureOf(message, { ...seen, reason: "ErrImagePull" });
        assert.deepEqual(failureOf(row.message, { ...seen, reason: row.reason }), attempt);
      }
    }
  });
});

test("an image's own name says nothing about what went wrong", () => {
  const names = ["x509", "unauthorized-app", "no-such-host", "denied", "429", "i-o-timeout"];
  const words = ["no space left on device", "toomanyrequests", "manifest unknown", "not found"];
  for (const name of [...names, ...words.map((word) => word.replaceAll(" ", "-"))]) {
    const reference = `quay.io/${name}/${name}:${name}`;
    const messages = [
      `failed to pull and unpack image "${reference}": failed to resolve reference "${reference}": something odd`,
      `initializing source docker://${reference}: reading manifest ${name} in quay.io/${name}/${name}: something odd`,
      `Head "https://quay.io/v2/${name}/${name}/manifests/${name}": something odd`,
      `pulling from host quay.io failed with status code [manifests ${name}]: something odd`,
    ];
    for (const message of messages) {
      assert.equal(failureOf(message, { reference }).reason, "Unknown", message);
    }
  }
});

describe("the tool's image", () => {
  const toolImage = "registry.k8s.io/pause:3.10";
  const missing = (image: string) =>
    `failed to pull and unpack image "${image}": failed to resolve image: ${image}: not found`;

  test("is the installation's matter when the message names it", () => {
    const failure = failureOf(missing(toolImage), { method: "image-volume", toolImage });
    assert.deepEqual([failure.reason, failure.scope], ["NotFound", "installation"]);
  });

  test("is recognised as runtimes write it", () => {
    const failure = failureOf(missing("docker.io/library/busybox:1.37"), {
      toolImage: "busybox:1.37",
    });
    assert.equal(failure.scope, "installation");
  });

  test("is not meant by the name of another that begins alike", () => {
    const failure = failureOf(missing(`${toolImage}.1`), {
      toolImage,
      reference: `${toolImage}.1`,
    });
    assert.equal(failure.scope, "image");
  });

  test("is not to blame when it is itself the image that is wanted", () => {
    assert.equal(failureOf(missing(toolImage), { toolImage, reference: toolImage }).scope, "image");
  });

  test("leaves a full disk the node's matter", () => {
    const message = `failed to pull and unpack image "${toolImage}": write /x: no space left on device`;
    assert.equal(failureOf(message, { toolImage }).scope, "node");
  });
});

describe("the message of a failure", () => {
  test("keeps the words, without the logins and queries of URLs", () => {
    const url =
      "https://user:secret@cdn.example.com/blobs/data?X-Amz-Signature=secret&verify=secret";
    const { message } = failureOf(`rpc error: code = Unknown desc = Get "${url}": i/o timeout`);
    assert.equal(message, 'Get "https://cdn.example.com/blobs/data": i/o timeout');
  });

  test("is one printable line of at most 1,024 characters", () => {
    const { message } = failureOf(`denied: denied\n\u001b[31m\u202e${"x".repeat(5_000)}`);
    assert.ok(message.startsWith("denied: denied \\u{1b}[31m\\u{202e}xxx"));
    assert.equal(message.length, 1_024);
  });

  test("is kubelet's reason where there is nothing else", () => {
    assert.equal(failureOf("", { reason: "ImageInspectError" }).message, "ImageInspectError");
  });
});

test("any text whatever is classified, and a long one no slower than it must be", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.string(), fc.string(), (...texts) => {
      const [reason, message, reference, toolImage] = texts;
      const failure = failureOf(message, { reason, reference, toolImage });
      assert.ok(FAILURE_REASONS.includes(failure.reason));
      assert.ok(failure.message.length <= 1_024);
    }),
  );
  // Where a pattern looked at its text more than once, these would take minutes.
  const pieces = ["https://", "lookup ", "content digest ", 'fetch "', "[manifests ", "::", "a@"];
  for (const piece of pieces) {
    const message = piece.repeat(4_000_000);
    assert.equal(failureOf(message, { reference: "a/a:a", toolImage: "a" }).reason, "Unknown");
  }
});
