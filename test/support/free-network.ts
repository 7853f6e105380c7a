import { networkInterfaces } from "node:os";

/** The first three numbers of a network that is set aside for tests (RFC 2544) and that nobody here uses now. */
export function freeNetwork(): string {
  const used = Object.values(networkInterfaces()).flatMap((all) =>
    (all ?? []).map((one) => one.address),
  );
  const offset = process.pid % 512;
  for (let tried = 0; tried < 512; tried++) {
    const number = (offset + given++) % 512;
    const network = `198.${18 + Math.floor(number / 256)}.${number % 256}`;
    if (!used.some((address) => address.startsWith(`${network}.`))) return network;
  }
  throw new Error("every network of 198.18.0.0/15 is in use on this machine");
}

/** Two at once in this process have no address yet that the other could see. */
let given = 0;
