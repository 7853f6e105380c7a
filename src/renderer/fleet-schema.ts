import type { Schema } from "../api/schema.ts";

/** `drop.yaml` as a JSON schema; published for editors as schemas/drop.schema.json. */
export const FLEET_SCHEMA: Schema = {
  type: "object",
  required: ["targets"],
  additionalProperties: false,
  properties: {
    targets: {
      type: "array",
      minItems: 1,
      maxItems: 1000,
      description:
        "What to render where. Each target is rendered by itself: a failing one leaves the others alone.",
      items: {
        type: "object",
        required: ["name", "outputDir"],
        additionalProperties: false,
        properties: {
          name: {
            type: "string",
            minLength: 1,
            maxLength: 63,
            description: "What messages call the target, and what --target takes.",
          },
          inputs: {
            type: "array",
            minItems: 1,
            maxItems: 1000,
            description: "Files and folders with the sets and policies, relative to drop.yaml.",
            items: { type: "string", minLength: 1, maxLength: 4096 },
          },
          kustomize: {
            type: "string",
            minLength: 1,
            maxLength: 4096,
            description:
              "A folder to build with kustomize in place of inputs, relative to drop.yaml.",
          },
          outputDir: {
            type: "string",
            minLength: 1,
            maxLength: 4096,
            description: "The folder that the target owns, relative to drop.yaml.",
          },
          maxRemovals: {
            type: "string",
            maxLength: 8,
            description: 'How many discovered images of a set may go in one run, as "5" or "30%".',
          },
        },
      },
    },
  },
};
