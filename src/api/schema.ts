/** The part of JSON schema that the generated schemas use; `x-kubernetes-validations` are CEL rules. */
export interface Schema {
  readonly type?: string;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | false;
  readonly items?: Schema;
  readonly default?: unknown;
  readonly "x-kubernetes-list-map-keys"?: readonly string[];
  readonly "x-kubernetes-validations"?: readonly CelValidation[];
  readonly [keyword: string]: unknown;
}

/** One CEL rule of a CRD. `fieldPath` is relative to the value that the rule is on, for example `.digest`. */
export interface CelValidation {
  readonly rule: string;
  readonly message: string;
  readonly reason?: string;
  readonly fieldPath?: string;
}

/** The default of one field; `*` in the path stands for each item of a list. */
export interface FieldDefault {
  readonly path: readonly string[];
  readonly value: unknown;
}
