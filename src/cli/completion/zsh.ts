import {
  type CompletedCommand,
  type CompletedFlag,
  type Offer,
  spellings,
  withBelow,
} from "./tree.ts";

/** The completion script for zsh: a file for `fpath`, or sourced after `compinit`. */
export function zshCompletion(program: CompletedCommand): string {
  const [name = ""] = program.words;
  return `#compdef ${name}
# zsh completion for ${name}, made by: ${name} completion zsh
${withBelow(program).map(functionText).join("\n")}
if [[ "\${funcstack[1]}" == _${name} ]]; then
  _${name} "$@"
else
  compdef _${name} ${name}
fi
`;
}

function functionName(words: readonly string[]): string {
  return `_${words.join("__")}`;
}

function functionText(command: CompletedCommand): string {
  const { words, flags, commands, operand } = command;
  const specs = flags.flatMap(flagSpecs);
  if (commands.length === 0) {
    const rest = operand.kind === "nothing" ? [] : [quoted(`*:${actionOf(operand, "")}`)];
    return `${functionName(words)}() {
  _arguments -s -S : \\
    ${[...specs, ...rest].join(" \\\n    ")}
}
`;
  }
  const described = commands.map(
    (one) => `      ${quoted(`${escaped(one.words.at(-1) ?? "")}:${one.summary}`)}`,
  );
  const calls = commands.map(
    (one) => `      ${quoted(one.words.at(-1) ?? "")}) ${functionName(one.words)} ;;`,
  );
  return `${functionName(words)}() {
  local curcontext="$curcontext" context state state_descr line
  typeset -A opt_args
  _arguments -C -s -S : \\
    ${[...specs, "'1: :->command'", "'*:: :->rest'"].join(" \\\n    ")}
  case $state in
  command)
    local -a commands
    commands=(
${described.join("\n")}
    )
    _describe -t commands command commands
    ;;
  rest)
    case $words[1] in
${calls.join("\n")}
    esac
    ;;
  esac
}
`;
}

function flagSpecs(flag: CompletedFlag): readonly string[] {
  const names = spellings(flag);
  const { value, description, isRepeatable } = flag;
  const others = isRepeatable ? "*" : names.length > 1 ? `(${names.join(" ")})` : "";
  return names.map((one) => {
    const takes = value === undefined ? "" : one.startsWith("--") ? "=" : "+";
    const action = value === undefined ? "" : `:${actionOf(value, one.replace(/^-+/, ""))}`;
    return quoted(`${others}${one}${takes}[${escaped(description)}]${action}`);
  });
}

/** What is offered, after a word for what it is. */
function actionOf(offer: Offer, word: string): string {
  const message = escaped(word) || " ";
  if (offer.kind === "words") return `${message}:(${offer.words.join(" ")})`;
  if (offer.kind === "files") return `${message}:_files`;
  if (offer.kind === "folders") return `${message}:_files -/`;
  return `${message}: `;
}

/** A text within a specification for `_arguments`, to which these signs mean something. */
function escaped(text: string): string {
  return text.replace(/[\\:[\]]/g, "\\$&");
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
