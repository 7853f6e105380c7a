import { own } from "../api/record.ts";
import { connectKube, type KubeConnection } from "../kube/connection.ts";
import { KubeError, toKubeError } from "../kube/kube-error.ts";
import { SecretValue } from "../runtime/secret-value.ts";

/** The Secret's two keys, as PEM; "" in a Secret that nothing was put into yet. */
export interface StoredAuthorities {
  readonly certsPem: string;
  readonly keysPem: SecretValue;
  readonly resourceVersion: string;
}

/** Where authorities are kept and trusted. Failures are `KubeError`s. */
export interface AuthorityStore {
  read(signal: AbortSignal): Promise<StoredAuthorities>;
  /** False when somebody else has changed the Secret since it was read. */
  replace(next: StoredAuthorities, signal: AbortSignal): Promise<boolean>;
  /** The `caBundle`, decoded, of every webhook in both configurations. */
  bundles(signal: AbortSignal): Promise<readonly string[]>;
  /** Sets every `caBundle`, and nothing else. */
  applyBundle(bundlePem: string, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** Names in the cluster. */
export interface StoreNames {
  readonly namespace: string;
  readonly secret: string;
  /** Of the mutating and the validating configuration alike. */
  readonly configuration: string;
  readonly kubeconfig?: string;
}

const PLURALS = ["mutatingwebhookconfigurations", "validatingwebhookconfigurations"] as const;
const KINDS = {
  mutatingwebhookconfigurations: "MutatingWebhookConfiguration",
  validatingwebhookconfigurations: "ValidatingWebhookConfiguration",
} as const;
const ADMISSION = { group: "admissionregistration.k8s.io", version: "v1" } as const;
const FIELD_MANAGER = "drop-webhook";
const [CERTS, KEYS] = ["ca.crt", "ca.key"];

/** Keeps authorities in a Secret of the cluster; client-node is loaded here, and in self-signed mode only. */
export async function clusterStore(names: StoreNames): Promise<AuthorityStore> {
  const { kubeconfig } = names;
  const connection = await connectKube(kubeconfig === undefined ? {} : { kubeconfig });
  return {
    read: (signal) => readSecret(connection, names, signal),
    replace: (next, signal) => replaceSecret(connection, { names, next }, signal),
    async bundles(signal) {
      const lists = await Promise.all(
        PLURALS.map((plural) => webhooksOf(connection, { plural, names }, signal)),
      );
      return lists.flat().map(({ bundle }) => bundle);
    },
    async applyBundle(bundlePem, signal) {
      for (const plural of PLURALS) {
        await applyTo(connection, { plural, names, bundlePem }, signal);
      }
    },
    close: () => connection.close(),
  };
}

async function readSecret(
  { core, abortable }: KubeConnection,
  { secret: name, namespace }: StoreNames,
  signal: AbortSignal,
): Promise<StoredAuthorities> {
  const what = `reading the Secret ${name} in ${namespace}`;
  const secret = await called(
    what,
    core.readNamespacedSecret({ name, namespace }, abortable(signal)),
  );
  const bytes = (key: string) => Buffer.from(secret.data?.[key] ?? "", "base64");
  return {
    certsPem: bytes(CERTS).toString("utf8"),
    keysPem: new SecretValue(bytes(KEYS)),
    resourceVersion: secret.metadata?.resourceVersion ?? "",
  };
}

async function replaceSecret(
  { core, abortable }: KubeConnection,
  { names, next }: { readonly names: StoreNames; readonly next: StoredAuthorities },
  signal: AbortSignal,
): Promise<boolean> {
  const { secret: name, namespace } = names;
  const { certsPem, keysPem, resourceVersion } = next;
  const what = `writing the Secret ${name} in ${namespace}`;
  try {
    const secret = await core.readNamespacedSecret({ name, namespace }, abortable(signal));
    const body = {
      ...secret,
      metadata: { ...secret.metadata, resourceVersion },
      data: { ...secret.data, [CERTS]: base64(certsPem), [KEYS]: base64(keysPem.reveal()) },
    };
    await core.replaceNamespacedSecret(
      { name, namespace, body, fieldManager: FIELD_MANAGER },
      abortable(signal),
    );
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === CONFLICT) return false;
    throw toKubeError(error, what);
  }
}

const CONFLICT = 409;

interface ConfigurationAt {
  readonly plural: (typeof PLURALS)[number];
  readonly names: StoreNames;
}

interface Webhook {
  readonly name: string;
  readonly bundle: string;
}

async function webhooksOf(
  { customObjects, abortable }: KubeConnection,
  { plural, names }: ConfigurationAt,
  signal: AbortSignal,
): Promise<readonly Webhook[]> {
  const name = names.configuration;
  const answer: unknown = await called(
    `reading the ${KINDS[plural]} ${name}`,
    customObjects.getClusterCustomObject({ ...ADMISSION, plural, name }, abortable(signal)),
  );
  const webhooks = own(answer, "webhooks");
  if (!Array.isArray(webhooks)) {
    const fix = "apply the webhook's manifests again";
    throw new KubeError("InvalidAnswer", { message: `the ${KINDS[plural]} ${name} is empty`, fix });
  }
  return webhooks.map((webhook: unknown) => ({
    name: String(own(webhook, "name")),
    bundle: Buffer.from(
      String(own(own(webhook, "clientConfig"), "caBundle") ?? ""),
      "base64",
    ).toString(),
  }));
}

async function applyTo(
  connection: KubeConnection,
  { plural, names, bundlePem }: ConfigurationAt & { readonly bundlePem: string },
  signal: AbortSignal,
): Promise<void> {
  const webhooks = await webhooksOf(connection, { plural, names }, signal);
  if (webhooks.every(({ bundle }) => bundle === bundlePem)) return;
  const { setHeaderOptions, PatchStrategy } = await import("../kube/clients.ts");
  const { customObjects } = connection;
  const name = names.configuration;
  const caBundle = base64(bundlePem);
  const body = {
    apiVersion: `${ADMISSION.group}/${ADMISSION.version}`,
    kind: KINDS[plural],
    metadata: { name },
    webhooks: webhooks.map((webhook) => ({ name: webhook.name, clientConfig: { caBundle } })),
  };
  const apply = { ...ADMISSION, plural, name, body, fieldManager: FIELD_MANAGER, force: true };
  const asApply = setHeaderOptions("Content-Type", PatchStrategy.ServerSideApply);
  const { middleware = [] } = connection.abortable(signal);
  const options = { ...asApply, middleware: [...(asApply.middleware ?? []), ...middleware] };
  await called(
    `applying the caBundle of the ${KINDS[plural]} ${name}`,
    customObjects.patchClusterCustomObject(apply, options),
  );
}

async function called<T>(what: string, call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw toKubeError(error, what);
  }
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
