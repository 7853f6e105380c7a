import { type CompletedCommand, type Offer, spellings, withBelow } from "./tree.ts";

/** The completion script for bash, from 3.2 on. Paths are left to readline, which quotes them as it should. */
export function bashCompletion(program: CompletedCommand): string {
  const [name = ""] = program.words;
  const all = withBelow(program);
  const commands = all.slice(1).map(({ words }) => words.join(" "));
  return `# bash completion for ${name}, made by: ${name} completion bash
_${name}() {
  local IFS=$' \\t\\n' current previous command index offered=''
  COMPREPLY=()
  current=\${COMP_WORDS[COMP_CWORD]}
  previous=\${COMP_WORDS[COMP_CWORD - 1]}
  # The = of --flag=value is a word of its own.
  if [[ $current == = ]]; then
    current=''
  elif [[ $previous == = ]]; then
    previous=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  command=${quoted(name)}
  for ((index = 1; index < COMP_CWORD; index++)); do
    case "$command \${COMP_WORDS[index]}" in
      ${commands.map(quoted).join(" | ")}) command="$command \${COMP_WORDS[index]}" ;;
      *) break ;;
    esac
  done
  case "$command $previous" in
${all.flatMap(valueCases).join("\n")}
    *)
      case "$command:$current" in
${all.flatMap(wordCases).join("\n")}
      esac
      ;;
  esac
  compopt +o default 2>/dev/null
  # shellcheck disable=SC2207 # mapfile is missing in bash 3.2, and no word holds a space
  COMPREPLY=($(compgen -W "$offered" -- "$current"))
}
complete -o default -F _${name} ${quoted(name)}
`;
}

function valueCases({ words, flags }: CompletedCommand): readonly string[] {
  return flags.flatMap((flag) => {
    if (flag.value === undefined) return [];
    const patterns = spellings(flag).map((one) => quoted([...words, one].join(" ")));
    return [`    ${patterns.join(" | ")}) ${offerText(flag.value)} ;;`];
  });
}

function wordCases({ words, flags, commands, operand }: CompletedCommand): readonly string[] {
  const path = quoted(`${words.join(" ")}:`);
  const all = { kind: "words", words: flags.flatMap(spellings) } as const;
  const names = { kind: "words", words: commands.map((one) => one.words.at(-1) ?? "") } as const;
  const rest = commands.length > 0 ? names : operand;
  return [`        ${path}-*) ${offerText(all)} ;;`, `        ${path}*) ${offerText(rest)} ;;`];
}

function offerText(offer: Offer): string {
  if (offer.kind === "words") return `offered=${quoted(offer.words.join(" "))}`;
  if (offer.kind === "files") return "return";
  if (offer.kind === "folders") return "compopt -o dirnames +o default 2>/dev/null; return";
  return "offered=''";
}

/** A text in single quotes, between which a shell reads everything as it stands. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
