import { join } from "node:path";
import { run } from "../test/support/child.ts";
import { startPrometheus } from "../test/support/prometheus.ts";
import { startDistribution } from "../test/support/registry.ts";
import { tool } from "../test/support/tools.ts";
import { type Bench, memoryRow, ratioRow } from "./files.ts";
import { writePolicy } from "./inputs.ts";
import { measurePaired, medianCost } from "./measure.ts";
import { type Row, seconds } from "./table.ts";
import { fillRepository } from "./tags.ts";

const TAGS = 200_000;
const REPOSITORY = "measured/tags";

/** Listing, filtering and ranking the tags of a real registry beside skopeo, which only lists them. */
export async function tagRows({ folder, program, rounds }: Bench): Promise<readonly Row[]> {
  const registry = await startDistribution();
  try {
    await fillRepository(registry, REPOSITORY, TAGS);
    const tagFilter = "^v?[0-9]+\\.[0-9]+\\.[0-9]+";
    const policy = writePolicy(join(folder, "tags.yaml"), {
      type: "registry",
      registry: { url: registry.url, repositories: [REPOSITORY], tagFilter, topX: 20 },
    });
    const address = `docker://${registry.host}/${REPOSITORY}`;
    const skopeo = await tool("skopeo");
    const [ours = [], theirs = []] = await measurePaired(
      [
        { command: [process.execPath, program, "discover", policy] },
        { command: [skopeo, "list-tags", "--tls-verify=false", address] },
      ],
      // The registry takes most of the time, and not the same each time.
      { rounds: rounds * 4, folder },
    );
    const what = "20 newest of 200,000 tags in distribution 3";
    return [
      ratioRow(what, { ours, peer: "skopeo list-tags", theirs, most: 1 }),
      memoryRow("peak memory of it", medianCost(ours).peakMiB, 200),
    ];
  } finally {
    await registry.stop();
  }
}

/** Filtering, ordering and cutting a million tags, the function alone in a process of its own. */
export async function filterRow(): Promise<Row> {
  const most = 3;
  const script = join(import.meta.dirname, "filter.ts");
  const { code, stdout, stderr } = await run(process.execPath, [script]);
  if (code !== 0) throw new Error(`the filter ended with ${code}: ${stderr}`);
  const took = Number(stdout);
  const none = { peer: "", peerFigure: "", ratio: "" };
  const what = "tagFilter, order and topX over 1,000,000 tags";
  return { what, drop: seconds(took), ...none, target: `≤ ${most} s`, met: took <= most };
}

const SERIES = 50_000;
const QUERY = "container_memory_working_set_bytes";

/** Ranking a real Prometheus' answer of fifty thousand series beside curl, which only reads it. */
export async function prometheusRows(bench: Bench): Promise<readonly Row[]> {
  const { folder, program, rounds } = bench;
  const server = await startPrometheus({ openMetrics: manySeries() });
  try {
    const policy = writePolicy(join(folder, "prometheus.yaml"), {
      type: "prometheus",
      prometheus: { endpoint: server.url, query: QUERY },
    });
    const [ours = [], theirs = []] = await measurePaired(
      [
        { command: [process.execPath, program, "discover", policy] },
        { command: ["curl", "-sSf", "-d", `query=${QUERY}`, `${server.url}/api/v1/query`] },
      ],
      { rounds, folder },
    );
    const what = "50,000 series of a real Prometheus";
    const row = ratioRow(what, { ours, peer: "curl of the answer", theirs, most: 1 });
    return [
      { ...row, target: "", met: undefined },
      memoryRow("peak memory of it", medianCost(ours).peakMiB),
    ];
  } finally {
    await server.stop();
  }
}

/** One sample now for each of many containers, ten of each image. */
function manySeries(): string {
  const now = Date.now() / 1000;
  const lines = Array.from({ length: SERIES }, (_, index) => {
    const image = `registry.example.com/team-${index % 50}/app-${index % 5_000}:1.${index % 7}.0`;
    const labels = `image="${image}",namespace="team-${index % 50}",pod="pod-${index}",container="app"`;
    return `${QUERY}{${labels}} ${(index * 7_919) % 1_000_003} ${now}`;
  });
  return `# TYPE ${QUERY} gauge\n${lines.join("\n")}\n# EOF\n`;
}
