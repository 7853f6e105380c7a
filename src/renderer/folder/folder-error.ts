/** An output folder that cannot be read or written. The message says what and where. */
export class FolderError extends Error {
  override readonly name = "FolderError";
  readonly path: string;
  readonly code: string;
  /** How to mend it, as an instruction. */
  readonly fix: string;

  constructor(attempt: Attempt, cause: unknown) {
    const code = codeOf(cause) ?? "";
    const [reason = "", ...steps] = reasonOf(code, cause).split("; ");
    super(`cannot ${attempt.verb} ${attempt.path}: ${reason}`, { cause });
    this.path = attempt.path;
    this.code = code;
    this.fix = steps.length > 0 ? steps.join("; ") : "see to the file system and run again";
  }
}

/** What was tried: `verb` and `path` complete "cannot …". */
export interface Attempt {
  readonly verb: string;
  readonly path: string;
}

/** Does one thing with the file system and says in a `FolderError` what failed, should it. */
export async function attempt<T>(what: Attempt, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    if (cause instanceof FolderError) throw cause;
    throw new FolderError(what, cause);
  }
}

/** As `attempt`, for what the file system does while the process waits. */
export function attemptSync<T>(what: Attempt, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    if (cause instanceof FolderError) throw cause;
    throw new FolderError(what, cause);
  }
}

/** The error code of Node.js, such as `ENOENT`. */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

const REASONS: ReadonlyMap<string, string> = new Map([
  ["EACCES", "this user may not; give it the right to write there, or choose another --output-dir"],
  ["EPERM", "this user may not; give it the right to write there, or choose another --output-dir"],
  ["EROFS", "the file system is read-only; choose another --output-dir"],
  ["ENOSPC", "the disk is full; make room and run again, what is half done is repaired then"],
  [
    "EDQUOT",
    "the disk quota is used up; make room and run again, what is half done is repaired then",
  ],
  [
    "ENOTDIR",
    "a part of the path is a file and no folder; move it away or choose another --output-dir",
  ],
  ["EISDIR", "a folder stands where a file should; move it away and run again"],
  ["EEXIST", "another file came to stand there; make sure that one drop runs at a time"],
  ["ENOENT", "it is gone; make sure that one drop runs at a time in this folder, and run again"],
  ["ENAMETOOLONG", "the path is too long; choose a shorter --output-dir"],
  ["ELOOP", "its symbolic links form a circle; choose another --output-dir"],
  ["EMFILE", "too many files are open; raise the limit (ulimit -n) and run again"],
]);

function reasonOf(code: string, cause: unknown): string {
  return REASONS.get(code) ?? (cause instanceof Error ? cause.message : String(cause));
}
