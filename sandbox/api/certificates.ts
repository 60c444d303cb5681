import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  X509Certificate,
} from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { USERS } from './authentication';
import * as der from './der';

/** Certificates and keys, each as PEM. */
export interface ServerIdentity {
  ca: string;
  certificate: string;
  key: string;
  /** The administrator's client certificate, signed by the same CA, as kubeadm makes one. */
  admin: { certificate: string; key: string };
}

interface KeyPair {
  publicKey: KeyObject;
  privateKey: KeyObject;
}

const [ADMINISTRATOR] = USERS;
const FILE = 'tls.json';
const VALID_MS = 10 * 365 * 24 * 60 * 60 * 1000;
const CLOCK_SKEW_MS = 60_000;
const DNS_NAMES = ['localhost', 'kubernetes.default.svc'];
const ADDRESSES = [Buffer.from([127, 0, 0, 1]), Buffer.concat([Buffer.alloc(15), Buffer.from([1])])];

const OID = {
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  commonName: '2.5.4.3',
  organization: '2.5.4.10',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
};
const SIGNATURE_ALGORITHM = der.sequence(der.objectIdentifier(OID.ecdsaWithSha256));

/**
 * A CA of our own, a certificate for this machine's loopback names and one for the administrator, made once and kept in
 * `directory`. The CA's own key is thrown away: nothing more is ever signed.
 */
export function loadServerIdentity(directory: string | undefined): ServerIdentity {
  const file = directory === undefined ? undefined : path.join(directory, FILE);
  if (file && existsSync(file)) {
    const kept = JSON.parse(readFileSync(file, 'utf8')) as Partial<ServerIdentity>;
    if (isComplete(kept) && Date.parse(new X509Certificate(kept.certificate).validTo) > Date.now())
      return kept;
  }
  const made = makeIdentity();
  if (file) writeFileSync(file, `${JSON.stringify(made, null, 2)}\n`, { mode: 0o600 });
  return made;
}

function makeIdentity(): ServerIdentity {
  const authority = makeAuthority('portlight-sandbox-ca');
  const { name: administrator, groups } = ADMINISTRATOR;
  return {
    ca: authority.certificate,
    ...leaf(authority, name('portlight-sandbox'), OID.serverAuth, [alternativeNames(DNS_NAMES, ADDRESSES)]),
    admin: leaf(authority, name(administrator, groups), OID.clientAuth),
  };
}

/** A CA that components of the cluster sign with: its certificate and key, each as PEM. */
export interface Authority {
  commonName: string;
  certificate: string;
  key: string;
}

export function makeAuthority(commonName: string): Authority {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const issuer = name(commonName);
  const ca = certificate(issuer, issuer, keys.publicKey, keys, [
    extension(OID.basicConstraints, der.sequence(der.boolean(true)), true),
    // keyCertSign and cRLSign, bits 5 and 6.
    extension(OID.keyUsage, der.bitString(Buffer.from([0b0000_0110]), 1), true),
    extension(OID.subjectKeyIdentifier, der.octetString(keyIdentifier(keys.publicKey))),
  ]);
  return { commonName, certificate: pem(ca), key: keyPem(keys) };
}

/** A certificate for a server of these DNS names, and its key, each as PEM. */
export function serverCertificate(
  authority: Authority,
  commonName: string,
  dnsNames: readonly string[],
): { certificate: string; key: string } {
  return leaf(authority, name(commonName), OID.serverAuth, [alternativeNames(dnsNames)]);
}

function leaf(authority: Authority, subject: Buffer, usage: string, more: Buffer[] = []) {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const privateKey = createPrivateKey(authority.key);
  const signer = { privateKey, publicKey: createPublicKey(privateKey) };
  const signed = certificate(name(authority.commonName), subject, keys.publicKey, signer, [
    extension(OID.basicConstraints, der.sequence(), true),
    // digitalSignature, bit 0.
    extension(OID.keyUsage, der.bitString(Buffer.from([0b1000_0000]), 7), true),
    extension(OID.extendedKeyUsage, der.sequence(der.objectIdentifier(usage))),
    ...more,
    extension(OID.subjectKeyIdentifier, der.octetString(keyIdentifier(keys.publicKey))),
  ]);
  return { certificate: pem(signed), key: keyPem(keys) };
}

function keyPem({ privateKey }: KeyPair): string {
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** False for what an older sandbox left, which knew no client certificates. */
function isComplete(kept: Partial<ServerIdentity>): kept is ServerIdentity {
  return Boolean(kept.ca && kept.certificate && kept.key && kept.admin);
}

/** An X.509 v3 certificate (RFC 5280) in DER. */
function certificate(
  issuer: Buffer,
  subject: Buffer,
  subjectKey: KeyObject,
  signer: KeyPair,
  extensions: Buffer[],
): Buffer {
  const start = Date.now() - CLOCK_SKEW_MS;
  const authority = der.sequence(der.implicit(0, keyIdentifier(signer.publicKey)));
  // A leading bit of 0 keeps the serial number positive.
  const serial = Buffer.concat([Buffer.from([0x4f]), randomBytes(15)]);
  const toBeSigned = der.sequence(
    der.explicit(0, der.integer(Buffer.from([2]))),
    der.integer(serial),
    SIGNATURE_ALGORITHM,
    issuer,
    der.sequence(der.utcTime(new Date(start)), der.utcTime(new Date(start + VALID_MS))),
    subject,
    subjectKey.export({ type: 'spki', format: 'der' }),
    der.explicit(3, der.sequence(...extensions, extension(OID.authorityKeyIdentifier, authority))),
  );
  const signature = sign('sha256', toBeSigned, signer.privateKey);
  return der.sequence(toBeSigned, SIGNATURE_ALGORITHM, der.bitString(signature));
}

/** A distinguished name; organisations come first, as DER wants its names from the general to the particular. */
function name(commonName: string, organizations: readonly string[] = []): Buffer {
  const part = (identifier: string, text: string) =>
    der.set(der.sequence(der.objectIdentifier(identifier), der.utf8String(text)));
  return der.sequence(
    ...organizations.map((organization) => part(OID.organization, organization)),
    part(OID.commonName, commonName),
  );
}

function extension(identifier: string, value: Buffer, critical = false): Buffer {
  const mark = critical ? [der.boolean(true)] : [];
  return der.sequence(der.objectIdentifier(identifier), ...mark, der.octetString(value));
}

function alternativeNames(dnsNames: readonly string[], addresses: readonly Buffer[] = []): Buffer {
  const names = dnsNames.map((text) => der.implicit(2, Buffer.from(text)));
  const all = der.sequence(...names, ...addresses.map((address) => der.implicit(7, address)));
  return extension(OID.subjectAltName, all);
}

function keyIdentifier(key: KeyObject): Buffer {
  return createHash('sha1')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest();
}

function pem(certificateBytes: Buffer): string {
  const lines = certificateBytes.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
