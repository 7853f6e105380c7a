import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { Command, Option } from "commander";
import { completionScript } from "../../src/cli/completion/run.ts";
import { run } from "../support/child.ts";
import { drop } from "../support/drop.ts";
import { makeFolder } from "../support/folder.ts";
import { openPty, type Pty } from "../support/pty.ts";
import { tool, unavailable } from "../support/tools.ts";

type Shell = "bash" | "zsh" | "fish";

/** How each shell is started without anybody's settings, with `drop` as a function that shows its arguments. */
const SHELLS: Readonly<
  Record<Shell, { readonly args: string; readonly start: readonly string[] }>
> = {
  bash: {
    args: "--noprofile --norc -i",
    start: [
      "bind 'set bell-style none'; bind 'set show-all-if-ambiguous on'",
      `drop() { printf '<%s>' "$@"; echo; }`,
      "source ./drop.script",
      "PS1='READY> '",
    ],
  },
  zsh: {
    args: "-f -i",
    start: [
      "unsetopt zle_bracketed_paste; setopt no_beep list_ambiguous; PROMPT_EOL_MARK=''",
      "autoload -Uz compinit; compinit -u -D",
      `drop() { printf '<%s>' "$@"; echo; }`,
      "source ./drop.script",
      "PROMPT='READY> '",
    ],
  },
  fish: {
    args: "--no-config -i",
    start: [
      "set -g fish_autosuggestion_enabled 0; set -g fish_greeting",
      `function drop; printf '<%s>' $argv; echo; end`,
      "source ./drop.script",
      "function fish_prompt; printf 'READY> '; end",
    ],
  },
};

/** Starts a shell, in a folder with a few files, that knows the script. */
async function openShell(t: TestContext, shell: Shell, script: string): Promise<Pty> {
  const folder = await makeFolder(`completion-${shell}`);
  await writeFile(join(folder.path, "drop.script"), script);
  await mkdir(join(folder.path, "clusters"));
  await writeFile(join(folder.path, "clusters", "production.yaml"), "");
  await mkdir(join(folder.path, "kept folder"));
  await writeFile(join(folder.path, "quoted $(touch hacked); name.yaml"), "");
  const { args, start } = SHELLS[shell];
  const pty = await openPty({
    command: `exec ${await tool(shell)} ${args}`,
    cwd: folder.path,
    env: { HOME: folder.path, LC_ALL: "C.UTF-8" },
    columns: 200,
  });
  t.after(async () => {
    pty.close();
    await pty.ended();
    await folder.remove();
  });
  for (const line of start) pty.type(`${line}\r`);
  await pty.shows(/READY> (?!')/);
  return pty;
}

/** Keys, and the arguments that the shell then runs `drop` with. */
const LINES: readonly (readonly [does: string, keys: string, args: string])[] = [
  ["a command", "dis\t", "<discover>"],
  ["a flag of its command", "validate --fail\t", "<validate><--fail-on>"],
  ["a flag that has a prefix of another", "render --diff\t", "<render><--diff>"],
  ["the choices of a flag", "validate --output sar\t", "<validate><--output><sarif>"],
  ["the choices after a short flag", "validate -o gitl\t", "<validate><-o><gitlab>"],
  ["the choices after =", "validate --output=jun\t", "<validate><--output=junit>"],
  ["a file", "validate clusters/prod\t", "<validate><clusters/production.yaml>"],
  [
    "a file whose name is hostile, quoted",
    "validate quo\t",
    "<validate><quoted $(touch hacked); name.yaml>",
  ],
  ["the file that a flag takes", "validate --kubeconfig cl\tprod\t", "clusters/production.yaml>"],
  [
    "the folder that a flag takes",
    "render --output-dir kep\t",
    "<render><--output-dir><kept folder",
  ],
  ["the shells", "completion fi\t", "<completion><fish>"],
  ["the commands that help is about", "help val\t", "<help><validate>"],
  ["nothing where only the user knows", "validate --context cl\t", "<validate><--context><cl>"],
];

for (const shell of ["bash", "zsh", "fish"] as const) {
  describe(`completion in ${shell}`, { skip: await unavailable(shell, "script") }, () => {
    test("completes what is typed, and nothing is executed on the way", async (t) => {
      const { stdout, code } = await drop(["completion", shell]);
      assert.equal(code, 0);
      const pty = await openShell(t, shell, stdout);
      for (const [does, keys, args] of LINES) {
        await t.test(does, async () => {
          pty.type(`drop ${keys}\r`);
          await pty.shows(args);
          await pty.shows("READY> ");
        });
      }
      pty.type("ls hacked\r");
      await pty.shows(/No such file/);
    });

    test("survives quotes, brackets and colons in a description", async (t) => {
      const program = new Command("drop").description('it\'s [a]: "test"');
      program
        .command("odd")
        .summary("it's `odd`: [x] $(touch hacked) \\")
        .addOption(
          new Option("--strange <x>", "it's [very]: $HOME \\ `x`").choices(["one", "two"]),
        );
      const pty = await openShell(t, shell, completionScript(shell, program));
      pty.type("drop od\t--str\ttw\t\r");
      await pty.shows(/<odd><--strange(?:><|=)two>/);
      pty.type("ls hacked\r");
      await pty.shows(/No such file/);
    });
  });
}

test("every command and flag of the help is in every script", async () => {
  const { stdout: help } = await drop(["--help"]);
  const commands = [...help.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name ?? "");
  assert.ok(commands.includes("validate"));
  for (const shell of ["bash", "zsh", "fish"]) {
    const { stdout: script } = await drop(["completion", shell]);
    for (const command of commands.filter((name) => name !== "help")) {
      assert.match(script, new RegExp(`\\b${command}\\b`));
      const { stdout } = await drop(["help", command]);
      for (const [, flag = ""] of stdout.matchAll(/^ {2}(?:-\w, )?--([\w-]+)/gm)) {
        assert.match(script, new RegExp(`\\b${flag}\\b`), `${shell} does not know --${flag}`);
      }
    }
  }
});

test("the script for bash is one that bash 3.2 can read", async () => {
  const { stdout } = await drop(["completion", "bash"]);
  assert.doesNotMatch(stdout, /mapfile -|declare -A|local -A|\$\{\w+\^|&>>/);
  const { code, stderr } = await run("bash", ["-n"], { stdin: stdout });
  assert.equal(code, 0, stderr);
});

test("a shell that is not known is wrong usage, and those that are get named", async () => {
  const { code, stderr } = await drop(["completion", "powershell"]);
  assert.equal(code, 64);
  assert.match(stderr, /bash, zsh, fish/);
});
