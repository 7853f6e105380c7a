/** What every command's exit code means. Scripts rely on these numbers. */
export const EXIT = {
  done: 0,
  differences: 1,
  mistakes: 2,
  unanswered: 3,
  refused: 4,
  usage: 64,
  bug: 70,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The worst first: where several apply, the earlier one is given. */
const PRECEDENCE: readonly ExitCode[] = [
  EXIT.bug,
  EXIT.interrupted,
  EXIT.usage,
  EXIT.mistakes,
  EXIT.refused,
  EXIT.unanswered,
  EXIT.differences,
];

/** The one exit code of a command to which all of these apply. */
export function worstOf(codes: readonly ExitCode[]): ExitCode {
  return PRECEDENCE.find((code) => codes.includes(code)) ?? EXIT.done;
}

/** The table for `drop --help` and the documentation. */
export const EXIT_CODE_HELP = `Exit codes:
  0    done
  1    --check or --diff found differences
  2    the input has mistakes, or there was none
  3    something needed did not answer
  4    refused by a safety guard; the rest is done
  64   wrong usage
  70   a bug in Drop
  130  interrupted`;
