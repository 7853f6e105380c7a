import { RULES, type RuleId } from "../../../api/rules/catalogue.ts";

/** What a rule is about, as a headline. */
export function ruleTitle(rule: RuleId): string {
  return capitalised(RULES[rule].title);
}

/** The text with a capital at its beginning. */
export function capitalised(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
