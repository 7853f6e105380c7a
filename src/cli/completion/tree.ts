import type { Argument, Command, Option } from "commander";

/** What a shell can offer where a value belongs. */
export type Offer =
  | { readonly kind: "words"; readonly words: readonly string[] }
  | { readonly kind: "files" | "folders" | "nothing" };

/** A flag as a shell completes it; `value` is absent where it takes none. */
export interface CompletedFlag {
  readonly short?: string;
  readonly long?: string;
  readonly description: string;
  readonly value?: Offer;
  readonly isRepeatable: boolean;
}

/** A command with everything that may follow it. */
export interface CompletedCommand {
  /** Its words from the program's name on: `["drop", "render"]`. */
  readonly words: readonly string[];
  readonly summary: string;
  readonly flags: readonly CompletedFlag[];
  /** What stands where neither a flag nor a command does. */
  readonly operand: Offer;
  readonly commands: readonly CompletedCommand[];
}

/** What of commander's tree a shell completes, so that no list of flags is kept by hand. */
export function completionTree(
  command: Command,
  above: readonly string[] = [],
  siblings: readonly Command[] = [],
): CompletedCommand {
  const words = [...above, command.name()];
  const help = command.createHelp();
  const below = help.visibleCommands(command);
  const [operand] = command.registeredArguments;
  return {
    words,
    summary: command.summary() || command.description(),
    flags: help.visibleOptions(command).map(completedFlag),
    operand: operand === undefined ? { kind: "nothing" } : operandOffer(operand, siblings),
    commands: below.map((one) => completionTree(one, words, below)),
  };
}

/** The command and all those below it, each before its own. */
export function withBelow(command: CompletedCommand): readonly CompletedCommand[] {
  return [command, ...command.commands.flatMap(withBelow)];
}

/** How a flag is written, short form first. */
export function spellings({ short, long }: CompletedFlag): readonly string[] {
  return [short, long].filter((one) => one !== undefined);
}

function completedFlag(option: Option): CompletedFlag {
  const { short, long, description } = option;
  return {
    ...(short === undefined ? {} : { short }),
    ...(long === undefined ? {} : { long }),
    description,
    ...(option.required || option.optional ? { value: valueOffer(option) } : {}),
    isRepeatable: option.variadic || Array.isArray(option.defaultValue),
  };
}

/** The placeholders by which the help says that a value is a path. */
const PATHS: Readonly<Record<string, Offer>> = {
  file: { kind: "files" },
  path: { kind: "files" },
  plan: { kind: "files" },
  dir: { kind: "folders" },
};

function valueOffer({ argChoices, flags }: Option): Offer {
  if (argChoices !== undefined) return { kind: "words", words: argChoices };
  const [, placeholder = ""] = /[<[]([a-z]+)\.*[>\]]$/.exec(flags) ?? [];
  return PATHS[placeholder] ?? { kind: "nothing" };
}

function operandOffer(argument: Argument, siblings: readonly Command[]): Offer {
  if (argument.argChoices !== undefined) return { kind: "words", words: argument.argChoices };
  if (argument.name() === "command") {
    return { kind: "words", words: siblings.map((command) => command.name()) };
  }
  return PATHS[argument.name()] ?? { kind: "nothing" };
}
