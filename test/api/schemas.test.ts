import assert from "node:assert/strict";
import { test } from "node:test";
import { Ajv } from "ajv";
import { SCHEMAS } from "../../src/api/schemas.gen.ts";
import { KINDS } from "../../src/api/types.gen.ts";

for (const kind of KINDS) {
  test(`the generated schema of ${kind} is valid JSON schema, which is not checked at run time`, () => {
    const ajv = new Ajv({ strict: false, validateFormats: false });
    assert.equal(ajv.validateSchema({ ...SCHEMAS[kind] }), true, ajv.errorsText());
    assert.equal(ajv.validateSchema({ ...SCHEMAS[kind], type: "text" }), false);
  });
}
