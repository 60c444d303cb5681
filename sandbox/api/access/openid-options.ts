import { readFileSync } from 'node:fs';

/** Whose ID tokens are believed, and how their claims become a user: kube-apiserver's --oidc-* flags. */
export interface OpenIdOptions {
  issuer: string;
  clientId: string;
  usernameClaim: string;
  /** Stands before every user name; may be empty. */
  usernamePrefix: string;
  groupsClaim?: string;
  groupsPrefix: string;
  /** PEM of who vouches for the issuer's certificate; without it those that Node brings. */
  ca?: string;
}

/** The flags, as kube-apiserver spells them. Each has a variable: PORTLIGHT_SANDBOX_OIDC_… */
export const OPENID_FLAGS = [
  'oidc-issuer-url',
  'oidc-client-id',
  'oidc-username-claim',
  'oidc-username-prefix',
  'oidc-groups-claim',
  'oidc-groups-prefix',
  'oidc-ca-file',
] as const;

export type OpenIdFlag = (typeof OPENID_FLAGS)[number];

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

/**
 * Reads the flags, and for those that are not given their variables; undefined when there is none.
 * @throws Error in kube-apiserver's words.
 */
export function readOpenIdOptions(
  flags: Partial<Record<OpenIdFlag, string>>,
  env: Record<string, string | undefined>,
): OpenIdOptions | undefined {
  const of = (flag: OpenIdFlag) => flags[flag] ?? env[variableOf(flag)] ?? '';
  if (OPENID_FLAGS.every((flag) => of(flag) === '')) return undefined;
  const issuer = of('oidc-issuer-url');
  const clientId = of('oidc-client-id');
  if (!issuer || !clientId) {
    throw new Error(
      'oidc-issuer-url and oidc-client-id must be specified together when any oidc-* flags are set',
    );
  }
  checkIssuer(issuer);
  const usernameClaim = of('oidc-username-claim') || 'sub';
  const groupsClaim = of('oidc-groups-claim');
  const caFile = of('oidc-ca-file');
  return {
    issuer,
    clientId,
    usernameClaim,
    usernamePrefix: usernamePrefix(of('oidc-username-prefix'), usernameClaim, issuer),
    groupsPrefix: of('oidc-groups-prefix'),
    ...(groupsClaim ? { groupsClaim } : {}),
    ...(caFile ? { ca: readFileSync(caFile, 'utf8') } : {}),
  };
}

/** The variable in place of a flag. */
export function variableOf(flag: OpenIdFlag): string {
  return `PORTLIGHT_SANDBOX_${flag.replaceAll('-', '_').toUpperCase()}`;
}

/** Names of different issuers stay apart unless the claim is `email`, which is unique, or the prefix is `-`. */
function usernamePrefix(given: string, claim: string, issuer: string): string {
  if (given === '-') return '';
  return given || (claim === 'email' ? '' : `${issuer}#`);
}

/**
 * kube-apiserver insists on https. The one exception here is the loopback interface, where nobody stands between the
 * sandbox and a provider that a test or a developer runs beside it.
 */
function checkIssuer(issuer: string): void {
  const url = URL.canParse(issuer) ? new URL(issuer) : undefined;
  if (!url) throw new Error(`issuer.url: Invalid value: "${issuer}": URL must be parseable`);
  const plain = url.protocol === 'http:' && LOOPBACK.has(url.hostname);
  if (url.protocol !== 'https:' && !plain) {
    throw new Error(`issuer.url: Invalid value: "${issuer}": URL scheme must be https`);
  }
}
