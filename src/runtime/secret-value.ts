import { inspect } from "node:util";

/** A secret that no log, JSON or error message shows: only `reveal` gives it away, where it is used. */
export class SecretValue {
  readonly #bytes: Uint8Array;

  constructor(value: string | Uint8Array) {
    this.#bytes = typeof value === "string" ? new TextEncoder().encode(value) : value;
  }

  /** The secret as text, read as UTF-8. */
  reveal(): string {
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(this.#bytes);
  }

  get byteLength(): number {
    return this.#bytes.byteLength;
  }

  toString(): string {
    return "[secret]";
  }

  toJSON(): string {
    return "[secret]";
  }

  [inspect.custom](): string {
    return "[secret]";
  }
}
