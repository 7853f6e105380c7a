import { type Field, fieldsAt, textAt, textsAt } from "../fields.ts";
import {
  DEFAULT_TAG,
  formatReference,
  isFullyQualified,
  parseImageName,
  parseTag,
} from "../image-reference.ts";
import { type FieldPath, type Problem, problemOf } from "../problem.ts";
import { own } from "../record.ts";
import type { Kind } from "../types.gen.ts";
import type { RuleId } from "./catalogue.ts";

/** Warnings that one object earns by itself. */
export function remarks(kind: Kind, object: unknown): readonly Problem[] {
  if (kind === "DiscoveryPolicy") return oldNames(object);
  if (kind === "PullPolicy") return [];
  const images =
    kind === "CachedImage" ? fieldsAt(object, "spec") : fieldsAt(object, "spec.images.*");
  const paced = textAt(object, "spec.policyRef.name") !== undefined;
  return [
    ...images.flatMap(shortName),
    ...(paced ? [] : images.flatMap(movingTag)),
    ...neverPulled(object),
  ];
}

function remark(
  rule: RuleId,
  path: FieldPath,
  words: { readonly what: string; readonly fix: string; readonly value?: unknown },
): Problem {
  return { ...problemOf(words, { rule, home: "code", path }), value: words.value };
}

function oldNames(object: unknown): readonly Problem[] {
  const names = [
    ["interval", "syncInterval"],
    ["topX", "maxImages"],
  ] as const;
  return names.flatMap(([old, name]) =>
    fieldsAt(object, `spec.${old}`).map(({ path }) =>
      remark("DROP2004", path, {
        what: `${old} is the old name of ${name}`,
        fix: `rename it to ${name}`,
      }),
    ),
  );
}

function shortName(entry: Field): readonly Problem[] {
  const image = own(entry.value, "image");
  if (typeof image !== "string" || isFullyQualified(image)) return [];
  const name = parseImageName(image);
  if (!name.ok) return [];
  const fix = `write "${formatReference(name.value)}"`;
  const what = "a short name, read as Docker Hub's";
  return [remark("DROP2003", [...entry.path, "image"], { what, fix, value: image })];
}

/** A tag without a digit, such as latest, stable or main, names something else tomorrow. */
export function isMovingTag(tag: string): boolean {
  return !/[0-9]/.test(tag);
}

/** The warning about a tag that moves while nothing pulls it again. */
export function movingTag(entry: Field): readonly Problem[] {
  const { value } = entry;
  const image = own(value, "image");
  if (own(value, "digest") !== undefined || typeof image !== "string") return [];
  const tag = own(value, "tag") ?? DEFAULT_TAG;
  if (typeof tag !== "string" || !isMovingTag(tag)) return [];
  if (!parseTag(tag).ok || !parseImageName(image).ok) return [];
  const what = `the tag ${JSON.stringify(tag)} moves, and without a PullPolicy with repullInterval nodes keep the first image they pulled`;
  const fix = "name a version or digest, or a PullPolicy with repullInterval";
  const written = own(value, "tag") !== undefined;
  return [
    remark("DROP2001", [...entry.path, written ? "tag" : "image"], { what, fix, value: tag }),
  ];
}

function neverPulled(object: unknown): readonly Problem[] {
  return textsAt(object, "spec.imagePullPolicy").flatMap(({ path, value }) =>
    value === "Never"
      ? [
          remark("DROP2002", path, {
            what: "nothing will be pulled: Never only reports where the image already is",
            fix: "write IfNotPresent to have it pulled once",
            value,
          }),
        ]
      : [],
  );
}
