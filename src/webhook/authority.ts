// @peculiar/x509 needs it first.
import "reflect-metadata";
import { createPrivateKey, webcrypto } from "node:crypto";
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";
import { SecretValue } from "../runtime/secret-value.ts";
import type { AuthorityFacts } from "./authority-plan.ts";
import type { PairTexts } from "./certificate.ts";

/** A private authority with its key. */
export interface Authority extends AuthorityFacts {
  readonly keyPem: SecretValue;
}

/** For how long something is valid, from a moment on; milliseconds. */
export interface Validity {
  readonly now: number;
  readonly lifeMs: number;
}

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

/** Clocks differ: certificates are valid from a little before they are made. */
const BACKDATE_MS = 5 * 60_000;

/** Makes an authority. */
export async function createAuthority({ now, lifeMs }: Validity): Promise<Authority> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: "CN=drop-webhook-ca",
    notBefore: new Date(now - BACKDATE_MS),
    notAfter: new Date(now + lifeMs),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { ...factsOf(certificate), keyPem: await pemOf(keys.privateKey) };
}

/** Makes a serving certificate for these names, which ends with its authority at the latest. */
export async function issue(
  authority: Authority,
  { dnsNames, now, lifeMs }: Validity & { readonly dnsNames: readonly string[] },
): Promise<PairTexts> {
  const issuer = new X509Certificate(authority.certPem);
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const certificate = await X509CertificateGenerator.create({
    // Common names are at most 64 characters long; clients go by the alternative names.
    subject: "CN=drop-webhook",
    issuer: issuer.subjectName,
    notBefore: new Date(now - BACKDATE_MS),
    notAfter: new Date(Math.min(now + lifeMs, authority.notAfter)),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey: await signingKey(authority.keyPem),
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension(dnsNames.map((value) => ({ type: "dns", value }))),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      await AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  });
  const keyPem = (await pemOf(keys.privateKey)).reveal();
  return { certPem: certificate.toString("pem"), keyPem };
}

/** The authorities in PEM texts of certificates and keys in the same order, undefined where those are none. */
export function parseAuthorities(
  certsPem: string,
  keysPem: SecretValue,
): readonly Authority[] | undefined {
  try {
    const keys = blocksOf(keysPem.reveal());
    const certificates = blocksOf(certsPem);
    if (keys.length !== certificates.length) return undefined;
    return certificates.map((pem, index) => {
      const keyPem = new SecretValue(keys[index] ?? "");
      createPrivateKey(keyPem.reveal());
      return { ...factsOf(new X509Certificate(pem)), keyPem };
    });
  } catch {
    return undefined;
  }
}

function blocksOf(pem: string): readonly string[] {
  return pem.match(/-----BEGIN [A-Z ]+-----[^-]+-----END [A-Z ]+-----/g) ?? [];
}

function factsOf(certificate: X509Certificate): AuthorityFacts {
  return {
    certPem: `${certificate.toString("pem").trim()}\n`,
    createdAt: certificate.notBefore.getTime() + BACKDATE_MS,
    notAfter: certificate.notAfter.getTime(),
  };
}

async function pemOf(key: webcrypto.CryptoKey): Promise<SecretValue> {
  const bytes = await webcrypto.subtle.exportKey("pkcs8", key);
  return new SecretValue(`${PemConverter.encode(bytes, "PRIVATE KEY")}\n`);
}

function signingKey(pem: SecretValue): Promise<webcrypto.CryptoKey> {
  const bytes = createPrivateKey(pem.reveal()).export({ format: "der", type: "pkcs8" });
  return webcrypto.subtle.importKey("pkcs8", bytes, ALGORITHM, false, ["sign"]);
}
