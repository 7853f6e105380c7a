import { formatDuration, parseDuration } from "../duration.ts";
import { parseEndpointUrl } from "../endpoint-url.ts";
import { fieldsAt, textAt, textsAt } from "../fields.ts";
import { parseImageReference } from "../image-reference.ts";
import { type FieldPath, type Problem, problemOf } from "../problem.ts";
import { lintPromQL } from "../promql.ts";
import { remembering } from "../remembering.ts";
import { parseTemplate, type Template } from "../template.ts";
import { parseRepository } from "./repository.ts";

/** Mistakes and warnings of each source of a DiscoveryPolicy that need more than the grammar of one field. */
export function sourceProblems(object: unknown): readonly Problem[] {
  let unread = MAX_QUERY_LENGTH;
  return fieldsAt(object, "spec.sources.*").flatMap(({ path, value }) => {
    unread -= textAt(value, "prometheus.query")?.length ?? 0;
    return [
      ...templateProblems(value, path),
      ...pointProblems(value, path),
      ...(unread < 0 ? [] : queryProblems(value, path)),
      ...plainTextSecret(value, path),
    ];
  });
}

/** Characters of queries that are judged in one policy: reading is slow, and a webhook must not be kept busy. */
const MAX_QUERY_LENGTH = 10_000;

const templateOf = remembering(parseTemplate);

function templateProblems(source: unknown, at: FieldPath): readonly Problem[] {
  const text = textAt(source, "registry.imageTemplate");
  if (text === undefined) return [];
  const path = [...at, "registry", "imageTemplate"];
  const facts = { rule: "DROP1019", home: "code", path, value: text } as const;
  const template = templateOf(text);
  if (!template.ok) return [problemOf(template.fault, facts)];
  const result = trial(template.value, source);
  if (result === undefined) return [];
  const fault = {
    what: `what it makes is no image reference, for example ${JSON.stringify(result)}`,
    fix: 'let it give registry, repository and tag, as "{{ .Registry }}/{{ .Repository }}:{{ .Tag }}" does',
  };
  return [problemOf(fault, facts)];
}

/** Tags of the shapes that templates tell apart; a template is of use when one of them gives a reference. */
const TRIAL_TAGS = ["v1.2.3", "1.2.3", "latest"];

/** What a template that gives no reference at all makes of the first trial tag. */
function trial(template: Template, source: unknown): string | undefined {
  const url = parseEndpointUrl(textAt(source, "registry.url") ?? "");
  const registry = url.ok ? url.value.host : "registry.example";
  const repositories = textsAt(source, "registry.repositories.*").map(({ value }) => value);
  const repository = repositories.find((name) => parseRepository(name).ok) ?? "library/nginx";
  const results = TRIAL_TAGS.map((tag) => {
    const rendered = template.render({ registry, repository, tag });
    return rendered.ok ? rendered.value : "";
  });
  return results.some((result) => parseImageReference(result).ok) ? undefined : results[0];
}

/** Points that Prometheus returns for one series at most; its own constant, `maxPointsPerTimeSeries` in web/api/v1. */
const MAX_POINTS = 11_000;

function pointProblems(source: unknown, at: FieldPath): readonly Problem[] {
  const lookback = parseDuration(textAt(source, "prometheus.lookback") ?? "");
  const step = parseDuration(textAt(source, "prometheus.step") ?? "");
  if (!lookback.ok || !step.ok || step.value.milliseconds === 0) return [];
  const points = lookback.value.milliseconds / step.value.milliseconds;
  if (points <= MAX_POINTS) return [];
  const enough = Math.ceil(lookback.value.milliseconds / MAX_POINTS / 60_000) * 60_000;
  const fault = {
    what: `${lookback.value.text} in steps of ${step.value.text} are ${Math.floor(points)} points a series, and Prometheus answers ${MAX_POINTS} at most`,
    fix: `write step: ${formatDuration(enough)} or longer, or a shorter lookback`,
  };
  const path = [...at, "prometheus", "step"];
  return [problemOf(fault, { rule: "DROP1022", home: "code", path, value: step.value.text })];
}

const lint = remembering(lintPromQL);

function queryProblems(source: unknown, at: FieldPath): readonly Problem[] {
  const query = textAt(source, "prometheus.query");
  if (query === undefined || query === "") return [];
  const path = [...at, "prometheus", "query"];
  const { parses, losesImage, offset } = lint(query);
  if (!parses) {
    const fault = {
      what: "the query is no PromQL",
      fix: "correct it; leave it where the server speaks MetricsQL",
      ...(offset === undefined ? {} : { offset }),
    };
    return [problemOf(fault, { rule: "DROP2007", home: "code", path, value: query })];
  }
  if (!losesImage) return [];
  const fault = {
    what: "the result has no label image",
    fix: 'keep the label, for example with "by (image)"',
  };
  return [problemOf(fault, { rule: "DROP2008", home: "code", path, value: query })];
}

function plainTextSecret(source: unknown, at: FieldPath): readonly Problem[] {
  const type = textAt(source, "type");
  const field = type === "registry" ? "registry.url" : "prometheus.endpoint";
  const address = textAt(source, field);
  const secret = textAt(source, "secretRef.name");
  if (secret === undefined || address?.startsWith("http://") !== true) return [];
  const fault = {
    what: "the login goes over the network unencrypted",
    fix: "write https:// where the server can",
  };
  return [
    problemOf(fault, {
      rule: "DROP2005",
      home: "code",
      path: [...at, ...field.split(".")],
      value: address,
    }),
  ];
}
