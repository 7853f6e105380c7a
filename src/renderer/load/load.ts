import type { Readable } from "node:stream";
import { setImmediate } from "node:timers/promises";
import { printable } from "../../api/printable.ts";
import type { DropObject, Kind, ObjectByKind } from "../../api/types.gen.ts";
import { type InputFile, listInputs, readInput, readStream } from "./files.ts";
import { tooLarge } from "./limits.ts";
import { manifestSteps } from "./manifests.ts";
import { type FoundObject, objectSteps } from "./objects.ts";
import type { LocatedProblem } from "./problem-at.ts";
import { type Steps, withPauses } from "./steps.ts";

/** Everything that was found in the inputs. */
export interface Inputs {
  readonly objects: readonly FoundObject[];
  /** Documents of kind Secret, unchecked. */
  readonly secrets: readonly unknown[];
  /** Problems of no single object: of the text, or of documents that are none of ours. */
  readonly problems: readonly LocatedProblem[];
  /** Files that were read, without those skipped because nothing in them concerns Drop. */
  readonly fileCount: number;
  /** The text of each of these files, by the name that problems show. */
  readonly texts: ReadonlyMap<string, string>;
}

export interface LoadOptions {
  /** Files, folders, or `-` for standard input. */
  readonly paths: readonly string[];
  readonly stdin: Readable;
  /** Texts that were made rather than read, such as what kustomize built. */
  readonly texts?: readonly { readonly file: string; readonly text: string }[];
  /** Folders and files that are no input though they lie in one: the output, recorded answers. */
  readonly exclude?: readonly string[];
  readonly signal: AbortSignal;
}

/** Files read between two looks at signals. */
const STRETCH = 64;

/** Reads every object of Drop, and every Secret, from files, folders and standard input. Throws InputError. */
export async function loadInputs(options: LoadOptions): Promise<Inputs> {
  const { paths, stdin, texts: made = [], exclude, signal } = options;
  const texts = made.map((one) => ({ ...one, named: true }));
  const problems: LocatedProblem[] = [];
  const add = (file: InputFile, read: { text: string } | { bytes: number }): void => {
    if ("text" in read) texts.push({ file: file.shownAs, text: read.text, named: file.named });
    else problems.push(oversized(file.shownAs, read.bytes));
  };
  if (paths.includes("-")) {
    add({ path: "-", shownAs: "-", named: true }, await readStream(stdin));
  }
  const files = await listInputs(
    paths.filter((path) => path !== "-"),
    exclude,
  );
  for (const [index, file] of files.entries()) {
    if (index % STRETCH === STRETCH - 1) await setImmediate();
    signal.throwIfAborted();
    add(file, await readInput(file, signal));
  }
  return withPauses(collect(texts.filter(concernsDrop), problems), signal);
}

const OUR_GROUP = "drop.corewire.io";
const SECRET = /^[-\s]*["']?kind["']?\s*:\s*["']?Secret\b/m;

/** A folder may hold Helm charts and whatever else; only what mentions Drop, or holds a Secret, is parsed. */
function concernsDrop({
  text,
  named,
}: {
  readonly text: string;
  readonly named: boolean;
}): boolean {
  return named || text.includes(OUR_GROUP) || SECRET.test(text);
}

function oversized(file: string, bytes: number): LocatedProblem {
  const { what, fix } = tooLarge(bytes);
  const facts = { rule: "DROP1106", home: "file", reason: "FieldValueTooLong" } as const;
  return { ...facts, path: [], what, fix, file, line: 1, column: 1 };
}

interface Text {
  readonly file: string;
  readonly text: string;
  readonly named: boolean;
}

/** Read between two pauses: reading is one long computation otherwise. */
const DOCUMENTS_AT_ONCE = 256;
const CHARACTERS_AT_ONCE = 64 * 1024;

function* collect(texts: readonly Text[], before: readonly LocatedProblem[]): Steps<Inputs> {
  const all: Collection = { objects: [], secrets: [], problems: [...before] };
  let characters = 0;
  for (const text of texts) {
    characters += text.text.length;
    if (characters >= CHARACTERS_AT_ONCE) {
      characters = 0;
      yield;
    }
    yield* collectFrom(text, all);
  }
  return {
    ...all,
    objects: withRepetitions(all.objects),
    fileCount: texts.length,
    texts: new Map(texts.map(({ file, text }) => [file, text])),
  };
}

interface Collection {
  readonly objects: FoundObject[];
  readonly secrets: unknown[];
  readonly problems: LocatedProblem[];
}

function* collectFrom({ file, text, named }: Text, all: Collection): Steps<void> {
  const { documents, problems } = yield* manifestSteps(file, text);
  // A template with a Secret in it is somebody else's file: what cannot be read there is not Drop's to judge.
  if (named || text.includes(OUR_GROUP)) addAll(all.problems, problems);
  for (const [index, document] of documents.entries()) {
    if (index % DOCUMENTS_AT_ONCE === DOCUMENTS_AT_ONCE - 1) yield;
    const found = yield* objectSteps(document);
    addAll(all.objects, found.objects);
    addAll(all.secrets, found.secrets);
    addAll(all.problems, found.problems);
  }
}

/** One by one: a hundred thousand do not fit into the arguments of one call. */
function addAll<T>(list: T[], more: readonly T[]): void {
  for (const item of more) list.push(item);
}

/** The second of two objects with the same kind and name is a mistake: whichever is applied last would win. */
function withRepetitions(objects: readonly FoundObject[]): readonly FoundObject[] {
  const first = new Map<string, FoundObject>();
  return objects.map((object) => {
    const key = `${object.kind}/${object.name}`;
    const before = first.get(key);
    if (before === undefined || object.name === "") {
      first.set(key, object);
      return object;
    }
    const { object: _, ...rest } = object;
    return { ...rest, problems: [...object.problems, repetition(object, before)] };
  });
}

function repetition(object: FoundObject, before: FoundObject): LocatedProblem {
  const { file, line } = before.placeOf(["metadata", "name"]);
  const name = printable(object.name);
  return {
    rule: "DROP1107",
    home: "file",
    reason: "FieldValueInvalid",
    path: ["metadata", "name"],
    value: object.name,
    what: `${object.kind} ${name} is already in ${file}:${line}`,
    fix: "remove or rename one of the two",
    object: { kind: object.kind, name },
    ...object.placeOf(["metadata", "name"]),
  };
}

/** The usable objects of one kind. */
export function ofKind<K extends Kind>(inputs: Inputs, kind: K): readonly ObjectByKind[K][] {
  return inputs.objects.flatMap(({ object }) =>
    object !== undefined && isOf(object, kind) ? [object] : [],
  );
}

function isOf<K extends Kind>(object: DropObject, kind: K): object is ObjectByKind[K] {
  return object.kind === kind;
}
