import { spawnSync } from "node:child_process";
import { atExit } from "./at-exit.ts";
import { freeNetwork } from "./free-network.ts";

/** An address of this machine that is not loopback, and that nothing outside of it can reach. */
export interface Address {
  readonly ip: string;
  release(): void;
}

/** Why there can be none; false where there can. In CI there must be one. */
export function noAddress(): string | false {
  if (process.getuid?.() === 0) return false;
  if (process.env["CI"] === "true") throw new Error("these tests need root, to make an interface");
  return "only root may make a network interface; run it with sudo";
}

/** Gives one end of a pair of interfaces an address; the other end is in a network namespace of its own. */
export function makeAddress(): Address {
  const network = freeNetwork();
  const name = `drop${process.pid}`;
  const ip = `${network}.1`;
  const release = () => void spawnSync("ip", ["netns", "delete", name]);
  const forget = atExit(release);
  for (const line of [
    `netns add ${name}`,
    `link add ${name} type veth peer name peer netns ${name}`,
    `address add ${ip}/24 dev ${name}`,
    `link set ${name} up`,
  ]) {
    const { status, stderr } = spawnSync("ip", line.split(" "), { encoding: "utf8" });
    if (status !== 0) throw new Error(`ip ${line}: ${stderr}`);
  }
  return {
    ip,
    release() {
      forget();
      release();
    },
  };
}
