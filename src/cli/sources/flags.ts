import { type Command, InvalidArgumentError, Option } from "commander";
import { addClusterFlags, type ClusterFlags } from "../cluster/flags.ts";

/** The flags that say how sources are reached and where their Secrets come from. */
export interface SourceFlags extends ClusterFlags {
  readonly secrets?: string;
  readonly secret: readonly string[];
  readonly sourceTimeout: number;
  readonly allowedEndpoints: readonly string[];
  /** False with `--no-docker-config`. */
  readonly dockerConfig: boolean;
}

/** Adds the flags of every command that asks sources. */
export function addSourceFlags(command: Command): Command {
  command
    .optionsGroup("Sources:")
    .addOption(
      new Option(
        "--secrets <dir>",
        "folder of Secrets, a folder each with a file for each key",
      ).env("DROP_SECRETS"),
    )
    .addOption(
      new Option(
        "--secret <name/key=from>",
        "one key of a Secret, from env:VARIABLE or file:PATH; repeatable",
      )
        .argParser(collect)
        .default([], "none"),
    );
  return addNetworkFlags(addClusterFlags(command, "read the Secrets of sources from this cluster"));
}

function addNetworkFlags(command: Command): Command {
  return command
    .optionsGroup("Sources:")
    .addOption(
      new Option(
        "--no-docker-config",
        "leave out the registry logins of Docker's config.json and its credential helpers",
      ),
    )
    .addOption(
      new Option("--source-timeout <duration>", "how long one source may take in all")
        .argParser(parseTimeout)
        .default(600_000, "10m")
        .env("DROP_SOURCE_TIMEOUT"),
    )
    .addOption(
      new Option(
        "--allowed-endpoints <host>",
        "of private addresses ask only these hosts, *.domains or CIDRs; repeatable",
      )
        .argParser(collectList)
        .default([], "all")
        .env("DROP_ALLOWED_ENDPOINTS"),
    );
}

/** Gathers the values of a repeated flag. */
export function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

function collectList(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), ...value.split(/[\s,]+/).filter((part) => part !== "")];
}

/** Reads a whole number of seconds, minutes or hours, in milliseconds, without loading the API's own grammar. */
function parseTimeout(text: string): number {
  const [, number, unit] = /^([1-9][0-9]{0,5})(s|m|h)$/.exec(text) ?? [];
  if (number === undefined) throw new InvalidArgumentError("Write it as 90s, 10m or 1h.");
  const scale = unit === "h" ? 3_600_000 : unit === "m" ? 60_000 : 1000;
  return Number(number) * scale;
}
