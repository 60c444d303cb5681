import { sign, verify } from 'node:crypto';
import { isRecord } from '../patch';
import type { SigningKey } from './signing-key';

export type Claims = Record<string, unknown>;

const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');

/** A JSON Web Token in compact form, signed with RS256. */
export function signToken(claims: Claims, { privateKey, kid }: SigningKey): string {
  const content = `${encode({ alg: 'RS256', kid })}.${encode(claims)}`;
  return `${content}.${sign('sha256', Buffer.from(content), privateKey).toString('base64url')}`;
}

/** The claims of a token without any check, or undefined for text that is no token. */
export function readClaims(token: string): Claims | undefined {
  const parts = token.split('.');
  if (parts.length !== 3) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(parts[1] ?? '', 'base64url').toString('utf8'));
    return isRecord(claims) ? claims : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the token was signed by `key`, with RS256 and nothing else. */
export function isSignedBy(token: string, { publicKey }: SigningKey): boolean {
  const [head = '', body = '', signature = ''] = token.split('.');
  try {
    const header: unknown = JSON.parse(Buffer.from(head, 'base64url').toString('utf8'));
    if (!isRecord(header) || header.alg !== 'RS256') return false;
    return verify('sha256', Buffer.from(`${head}.${body}`), publicKey, Buffer.from(signature, 'base64url'));
  } catch {
    return false;
  }
}
