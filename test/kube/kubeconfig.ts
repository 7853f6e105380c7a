import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connectKube, type KubeConnection } from "../../src/kube/connection.ts";
import { makeFolder } from "../support/folder.ts";

/** Who asks, and whom. */
export interface Access {
  readonly server: string;
  /** A file with the authority's certificate; without it, whatever answers is believed. */
  readonly caFile?: string;
  /** A file that holds a token, as in a Pod. */
  readonly tokenFile?: string;
  /** The user as a kubeconfig has it, instead. */
  readonly user?: Readonly<Record<string, unknown>>;
}

/** A connection of a kubeconfig of its own; `await using` ends it. */
export async function connected(access: Access): Promise<KubeConnection & AsyncDisposable> {
  const { server, caFile, tokenFile } = access;
  const folder = await makeFolder("kubeconfig");
  const path = join(folder.path, "kubeconfig");
  const trust =
    caFile === undefined
      ? { "insecure-skip-tls-verify": true }
      : { "certificate-authority": caFile };
  const provider = { "auth-provider": { name: "tokenFile", config: { tokenFile } } };
  const user = access.user ?? (tokenFile === undefined ? { token: "fixed" } : provider);
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "test", cluster: { server, ...trust } }],
    users: [{ name: "test", user }],
    contexts: [{ name: "test", context: { cluster: "test", user: "test" } }],
    "current-context": "test",
  };
  await writeFile(path, JSON.stringify(config));
  const connection = await connectKube({ kubeconfig: path });
  return {
    ...connection,
    async [Symbol.asyncDispose]() {
      await connection.close();
      await folder.remove();
    },
  };
}
