import type { Help, Option } from "commander";

/** How the help of every command is laid out. */
export const HELP_STYLE = {
  sortOptions: false,
  showGlobalOptions: false,
  optionDescription,
} as const satisfies Partial<Help>;

/** What a flag does; then in brackets its choices, its default where that says something, and its variable. */
function optionDescription(option: Option): string {
  const { description, argChoices, defaultValue, defaultValueDescription, envVar } = option;
  const isSwitch = typeof defaultValue === "boolean";
  const shown = defaultValueDescription ?? (isSwitch ? undefined : defaultValue);
  const notes = [
    ...(argChoices === undefined ? [] : [argChoices.join(", ")]),
    ...(shown === undefined ? [] : [`default: ${shown}`]),
    ...(envVar === undefined ? [] : [`env: ${envVar}`]),
  ];
  return notes.length === 0 ? description : `${description} (${notes.join("; ")})`;
}
