import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import { RE2JS } from "re2js";
import { surelyConforms } from "./conformance.ts";
import { SCHEMAS } from "./schemas.gen.ts";
import type { Kind, ObjectByKind } from "./types.gen.ts";

/** RFC 3339, section 5.6. */
const DATE_TIME =
  /^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})$/;

const VOCABULARY = [
  "x-kubernetes-validations",
  "x-kubernetes-list-type",
  "x-kubernetes-list-map-keys",
];

type Validators = { readonly [K in Kind]: ValidateFunction<ObjectByKind[K]> };

/** Compiles the schema of each kind at its first use. */
function createValidators(): Validators {
  const ajv = new Ajv({
    allErrors: true,
    verbose: true,
    // The schemas are generated, and a test holds them against the standard: that takes longer than most runs.
    meta: false,
    validateSchema: false,
    code: {
      optimize: false,
      regExp: Object.assign((pattern: string) => RE2JS.compile(pattern), { code: "re2" }),
    },
  });
  for (const keyword of VOCABULARY) ajv.addKeyword(keyword);
  ajv.addFormat("int32", {
    type: "number",
    validate: (value) => value >= -(2 ** 31) && value < 2 ** 31,
  });
  // Not its ends: as JSON writes the numbers of JavaScript, -2 ** 63 is beyond it too.
  ajv.addFormat("int64", { type: "number", validate: (value) => Math.abs(value) < 2 ** 63 });
  ajv.addFormat("date-time", DATE_TIME);
  const compiled: { [K in Kind]?: ValidateFunction<ObjectByKind[K]> } = {};
  return {
    get CachedImage() {
      compiled.CachedImage ??= ajv.compile<ObjectByKind["CachedImage"]>(SCHEMAS.CachedImage);
      return compiled.CachedImage;
    },
    get CachedImageSet() {
      compiled.CachedImageSet ??= ajv.compile<ObjectByKind["CachedImageSet"]>(
        SCHEMAS.CachedImageSet,
      );
      return compiled.CachedImageSet;
    },
    get DiscoveryPolicy() {
      compiled.DiscoveryPolicy ??= ajv.compile<ObjectByKind["DiscoveryPolicy"]>(
        SCHEMAS.DiscoveryPolicy,
      );
      return compiled.DiscoveryPolicy;
    },
    get PullPolicy() {
      compiled.PullPolicy ??= ajv.compile<ObjectByKind["PullPolicy"]>(SCHEMAS.PullPolicy);
      return compiled.PullPolicy;
    },
  };
}

let created: Validators | undefined;

/** Made when the first value is in doubt, which in most runs none is. */
function validators(): Validators {
  created ??= createValidators();
  return created;
}

/** The object, shown to be of its kind, or what keeps it from being so. */
export type Validated<K extends Kind> =
  | { readonly object: ObjectByKind[K] }
  | { readonly errors: readonly ErrorObject[] };

/** Checks an object, defaults in, against the schema of its kind; all errors at once. */
export function validated<K extends Kind>(kind: K, object: unknown): Validated<K> {
  if (isSurely(kind, object)) return { object };
  const validate: ValidateFunction<ObjectByKind[K]> = validators()[kind];
  return validate(object) ? { object } : { errors: validate.errors ?? [] };
}

function isSurely<K extends Kind>(kind: K, object: unknown): object is ObjectByKind[K] {
  return surelyConforms(SCHEMAS[kind], object);
}
