import { RULES, type RuleFact } from "../../src/api/rules/catalogue.ts";

/** docs/rules.md: every rule with what it refuses or warns about, and why. */
export function rulesText(): string {
  const facts: readonly (readonly [string, RuleFact])[] = Object.entries(RULES);
  const table = (severity: RuleFact["severity"]) =>
    facts
      .filter(([, fact]) => fact.severity === severity)
      .map(([id, { title, why }]) => `| \`${id}\` | ${title} | ${why} |`)
      .join("\n");
  return `<!-- Generated from src/api/rules/catalogue.ts by \`npm run generate\`. Do not edit. -->
# Rules

Every message of Drop about an object ends in the id of a rule, such as \`[DROP1006]\`. An id never changes its meaning.

## Mistakes

An object with a mistake is refused, and nothing is rendered while there is one.

| id | refused is | because |
|---|---|---|
${table("error")}

## Warnings

An object with a warning is accepted. The annotation \`drop.corewire.io/ignore-rules: DROP2003\` on the object, with ids
separated by commas or spaces, silences them; \`drop validate --fail-on warning\` makes them count.

| id | warned about is | because |
|---|---|---|
${table("warning")}
`;
}
