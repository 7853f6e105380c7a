import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { Ajv, type ValidateFunction } from "ajv";
import { type FieldPath, type Problem, problemOf } from "../api/problem.ts";
import { schemaProblem } from "../api/schema-problems.ts";
import { FLEET_SCHEMA } from "./fleet-schema.ts";

/** One target of drop.yaml, paths as seen from the working directory. */
export interface FleetTarget {
  readonly name: string;
  readonly inputs: readonly string[];
  /** A folder to build with kustomize; then there are no inputs. */
  readonly kustomize?: string;
  readonly outputDir: string;
  readonly maxRemovals?: string;
}

/** What drop.yaml says, or what is wrong with it. */
export type Fleet =
  | { readonly targets: readonly FleetTarget[] }
  | { readonly problems: readonly Problem[] };

interface AuthoredFleet {
  readonly targets: readonly {
    readonly name: string;
    readonly inputs?: readonly string[];
    readonly kustomize?: string;
    readonly outputDir: string;
    readonly maxRemovals?: string;
  }[];
}

const compiled: { validate?: ValidateFunction<AuthoredFleet> } = {};

/** Where a drop.yaml is: as the user named it, and for good. */
export interface FleetPlace {
  readonly shownAs: string;
  readonly absolute: string;
}

/** Reads the value of a drop.yaml. Pure: paths are only taken apart and joined. */
export function decodeFleet(value: unknown, { shownAs, absolute }: FleetPlace): Fleet {
  compiled.validate ??= new Ajv({ allErrors: true, verbose: true }).compile<AuthoredFleet>(
    FLEET_SCHEMA,
  );
  const { validate } = compiled;
  if (!validate(value)) {
    const errors = validate.errors ?? [];
    return { problems: errors.map((error) => schemaProblem(error, value, FLEET_SCHEMA)) };
  }
  const problems = [
    ...value.targets.flatMap((target, index) => targetProblems(target, ["targets", index])),
    ...repeatedNames(value),
    ...sharedFolders(value, dirname(absolute)),
  ];
  if (problems.length > 0) return { problems };
  const below = (name: string) => (isAbsolute(name) ? name : join(dirname(shownAs), name));
  return {
    targets: value.targets.map(({ inputs = [], kustomize, outputDir, ...rest }) => ({
      ...rest,
      inputs: inputs.map(below),
      ...(kustomize === undefined ? {} : { kustomize: below(kustomize) }),
      outputDir: below(outputDir),
    })),
  };
}

function mistake(path: FieldPath, what: string, fix: string): Problem {
  return problemOf({ what, fix }, { rule: "DROP1109", home: "file", path });
}

function targetProblems(
  target: AuthoredFleet["targets"][number],
  at: FieldPath,
): readonly Problem[] {
  const { inputs, kustomize, maxRemovals } = target;
  const hasOne = (inputs === undefined) !== (kustomize === undefined);
  const limit = maxRemovals === undefined || /^([0-9]+|([0-9]|[1-9][0-9]|100)%)$/.test(maxRemovals);
  return [
    ...(hasOne
      ? []
      : [mistake(at, "a target has either inputs or kustomize", "write one of the two")]),
    ...(limit
      ? []
      : [mistake([...at, "maxRemovals"], "not a number of removals", 'write it as "5" or "30%"')]),
  ];
}

function repeatedNames({ targets }: AuthoredFleet): readonly Problem[] {
  return targets.flatMap(({ name }, index) =>
    targets.findIndex((other) => other.name === name) < index
      ? [
          mistake(
            ["targets", index, "name"],
            `two targets are called ${name}`,
            "rename one of them",
          ),
        ]
      : [],
  );
}

/** A target owns its folder: two that share one would delete each other's files. */
function sharedFolders({ targets }: AuthoredFleet, folder: string): readonly Problem[] {
  return targets.flatMap(({ outputDir }, index) => {
    const other = targets.find(
      (one, at) =>
        at < index && overlap(resolve(folder, one.outputDir), resolve(folder, outputDir)),
    );
    if (other === undefined) return [];
    const what = `the folder lies in or above that of the target ${other.name}`;
    return [mistake(["targets", index, "outputDir"], what, "give each target a folder of its own")];
  });
}

function overlap(a: string, b: string): boolean {
  return isWithin(a, b) || isWithin(b, a);
}

function isWithin(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === "" || (way !== ".." && !way.startsWith(`..${sep}`));
}
