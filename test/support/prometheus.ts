import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeCertificate } from "./certificate.ts";
import { run, startChild } from "./child.ts";
import { type Credentials, testCredentials, testPasswordHash } from "./credentials.ts";
import { makeFolder } from "./folder.ts";
import { tool } from "./tools.ts";

/** A real Prometheus on loopback that scrapes nothing and knows the given history. */
export interface Prometheus {
  /** "http://127.0.0.1:PORT", or https with `tls`. */
  readonly url: string;
  /** The account it knows, with `basicAuth`. */
  readonly credentials: Credentials | undefined;
  /** PEM of the private authority that signed its certificate, with `tls`. */
  readonly caPem: string | undefined;
  stop(): Promise<void>;
}

export interface PrometheusOptions {
  /** What it remembers, with a time on every sample; see `usageHistory`. */
  readonly openMetrics: string;
  /** Only the test account may ask. */
  readonly basicAuth?: boolean;
  readonly tls?: boolean;
}

/** Writes the history into blocks with promtool and starts Prometheus on them. */
export async function startPrometheus(options: PrometheusOptions): Promise<Prometheus> {
  const { openMetrics, basicAuth = false, tls = false } = options;
  const folder = await makeFolder("prometheus");
  try {
    const data = await writeBlocks(folder.path, openMetrics);
    const web = await configureWeb(folder.path, { basicAuth, tls });
    const child = await startChild({
      command: await tool("prometheus"),
      args: [
        `--config.file=${await writeJson(folder.path, "prometheus.yml", {})}`,
        `--web.config.file=${web.path}`,
        `--storage.tsdb.path=${data}`,
        // Blocks of any age stay; by default those older than 15 days would be deleted.
        "--storage.tsdb.retention.time=3650d",
        "--web.listen-address=127.0.0.1:0",
      ],
      ready: (output) => output.includes("Server is ready to receive web requests"),
    });
    return {
      url: `${tls ? "https" : "http"}://${addressIn(child.output())}`,
      credentials: basicAuth ? testCredentials : undefined,
      caPem: web.caPem,
      async stop() {
        await child.stop();
        await folder.remove();
      },
    };
  } catch (error) {
    await folder.remove();
    throw error;
  }
}

/** It binds a port that the system chooses, and says which: no port can be taken in between. */
function addressIn(output: string): string {
  const address = /"Listening on".*?address=(127\.0\.0\.1:\d+)/.exec(output)?.[1];
  if (address === undefined) throw new Error(`Prometheus did not say where it listens:\n${output}`);
  return address;
}

async function writeBlocks(folder: string, openMetrics: string): Promise<string> {
  const text = join(folder, "history.txt");
  const data = join(folder, "data");
  await writeFile(text, openMetrics);
  const args = ["tsdb", "create-blocks-from", "openmetrics", "--quiet", text, data];
  const { code, stdout, stderr } = await run(await tool("promtool"), args, { cwd: folder });
  if (code !== 0) throw new Error(`promtool refused the history: ${stderr}${stdout}`);
  return data;
}

interface Web {
  readonly path: string;
  readonly caPem: string | undefined;
}

async function configureWeb(
  folder: string,
  { basicAuth, tls }: { readonly basicAuth: boolean; readonly tls: boolean },
): Promise<Web> {
  const certificate = tls ? await makeCertificate(folder) : undefined;
  const files = certificate && { cert_file: certificate.certPath, key_file: certificate.keyPath };
  const path = await writeJson(folder, "web.yml", {
    ...(files && { tls_server_config: files }),
    ...(basicAuth && { basic_auth_users: { [testCredentials.username]: testPasswordHash } }),
  });
  return { path, caPem: certificate?.caPem };
}

/** Writes a configuration file, JSON being YAML; gives its path. */
async function writeJson(folder: string, name: string, content: object): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, JSON.stringify(content));
  return path;
}
