import { type CompletedCommand, type CompletedFlag, type Offer, withBelow } from "./tree.ts";

/** The completion script for fish, from 3.0 on. */
export function fishCompletion(program: CompletedCommand): string {
  const [name = ""] = program.words;
  const lines = withBelow(program).flatMap((command) => linesOf(command, name));
  return `# fish completion for ${name}, made by: ${name} completion fish
function __${name}_at
    set -l tokens (commandline -opc)
    set -e tokens[1]
    set -l depth (count $argv)
    if test $depth -eq 0
        test (count $tokens) -eq 0
    else
        test (count $tokens) -ge $depth; and test "$tokens[1..$depth]" = "$argv"
    end
end
complete -c ${name} -f
${lines.join("\n")}
`;
}

function linesOf({ words, flags, commands, operand }: CompletedCommand, name: string) {
  const at = quoted([`__${name}_at`, ...words.slice(1)].join(" "));
  const start = `complete -c ${name} -n ${at}`;
  const rest = offerText(operand);
  return [
    ...flags.map((flag) => `${start}${flagText(flag)}`),
    ...commands.map(
      (one) => `${start} -a ${quoted(one.words.at(-1) ?? "")} -d ${quoted(one.summary)}`,
    ),
    ...(rest === "" ? [] : [`${start}${rest}`]),
  ];
}

function flagText({ short, long, description, value }: CompletedFlag): string {
  const names = [
    ...(short === undefined ? [] : [`-s ${quoted(short.slice(1))}`]),
    ...(long === undefined ? [] : [`-l ${quoted(long.slice(2))}`]),
  ];
  const takes = value === undefined ? "" : ` -r${offerText(value) || " -f"}`;
  return ` ${names.join(" ")}${takes} -d ${quoted(description)}`;
}

function offerText(offer: Offer): string {
  if (offer.kind === "words") return ` -f -a ${quoted(offer.words.join(" "))}`;
  if (offer.kind === "files") return " -F";
  return offer.kind === "folders" ? " -f -a '(__fish_complete_directories)'" : "";
}

/** A text in single quotes, between which fish knows a backslash and the quote itself. */
function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
