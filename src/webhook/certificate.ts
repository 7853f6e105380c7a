import { createPrivateKey, X509Certificate } from "node:crypto";
import { faulty, type Parsed, parsed } from "../api/parsed.ts";
import { SecretValue } from "../runtime/secret-value.ts";

/** What the listener presents, with the authority whose clients it admits where one is asked for. */
export interface ServingPair {
  /** PEM: the certificate, then those between it and its authority. */
  readonly certPem: string;
  readonly keyPem: SecretValue;
  readonly clientCaPem?: string;
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
}

/** Where pairs come from. */
export interface CertificateSource {
  /** The pair in force; undefined until there is one. */
  current(): ServingPair | undefined;
  /** Calls back with the present pair, if any, and with each that follows. */
  onChange(use: (pair: ServingPair) => void): void;
  close(): void;
}

/** The texts that a pair is made of, as they stand in files. */
export interface PairTexts {
  readonly certPem: string;
  readonly keyPem: string;
  readonly clientCaPem?: string | undefined;
}

/** Checks that certificate and key belong together and that both can be read. */
export function parsePair({ certPem, keyPem, clientCaPem }: PairTexts): Parsed<ServingPair> {
  const certificate = attempt(() => new X509Certificate(certPem));
  if (certificate === undefined) {
    return faulty("the certificate is no PEM", "put a certificate into the file");
  }
  const key = attempt(() => createPrivateKey(keyPem));
  if (key === undefined) return faulty("the key is no PEM", "put its private key into the file");
  if (!certificate.checkPrivateKey(key)) {
    return faulty("certificate and key do not belong together", "replace both with one pair");
  }
  if (clientCaPem !== undefined && attempt(() => new X509Certificate(clientCaPem)) === undefined) {
    return faulty("the authority of clients is no PEM", "put its certificate into the file");
  }
  return parsed({
    certPem,
    keyPem: new SecretValue(keyPem),
    ...(clientCaPem === undefined ? {} : { clientCaPem }),
    notBefore: certificate.validFromDate.getTime(),
    notAfter: certificate.validToDate.getTime(),
  });
}

/** What keeps a pair from being served now, undefined when nothing does. */
export function validityFault(pair: ServingPair | undefined, now: number): string | undefined {
  if (pair === undefined) return "there is no certificate yet";
  if (now < pair.notBefore) return `valid from ${new Date(pair.notBefore).toISOString()} on`;
  return now < pair.notAfter ? undefined : `expired at ${new Date(pair.notAfter).toISOString()}`;
}

/** OpenSSL's words for what it cannot read help nobody. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
