import type { Impersonation } from './ticket';

/** How the console's service account acts for others on one cluster (`impersonation` of the configuration). */
export interface ImpersonationSettings {
  /** Holds the service account's token; read at each use, because Kubernetes rotates it. */
  tokenFile: string;
  /** Names that begin with `system:` and yet may come from outside. */
  allowSystem: string[];
  usernamePrefix: string;
  groupsPrefix: string;
}

/** Somebody who is not to be impersonated; the message is a sentence. */
export class ImpersonationError extends Error {
  override readonly name = 'ImpersonationError';
}

/** What somebody outside (a provider, a proxy) says of a person. */
export interface OutsideIdentity {
  user: string;
  uid?: string | undefined;
  groups: string[];
  /** Pairs, as the same key may be said several times. */
  extra: [string, string][];
}

const SYSTEM = 'system:';
/** The API server puts everybody into it whom it impersonates; sending it would only take one more right. */
const EVERYBODY = 'system:authenticated';
const MAX_VALUES = 500;

/**
 * Whom the service account is to act as. Names keep every character; what a header could not carry unchanged is refused,
 * because the API would take it for somebody else.
 * @throws ImpersonationError
 */
export function impersonationOf(
  { user, uid, groups, extra }: OutsideIdentity,
  { usernamePrefix, groupsPrefix, allowSystem }: ImpersonationSettings,
): Impersonation {
  const name = user ? `${usernamePrefix}${user}` : '';
  const members = groups.filter((group) => group !== EVERYBODY).map((group) => `${groupsPrefix}${group}`);
  const extras = new Map<string, string[]>();
  // The API server reads keys in lower case, whatever the header's name looked like.
  for (const [key, value] of extra) {
    const known = key.toLowerCase();
    extras.set(known, [...(extras.get(known) ?? []), value]);
  }
  const impersonation: Impersonation = {
    user: name,
    ...(uid === undefined ? {} : { uid }),
    groups: [...new Set(members)],
    extra: Object.fromEntries(extras),
  };
  checkImpersonation(impersonation, allowSystem);
  return impersonation;
}

/**
 * The claims of a verified ID token as an identity, by the rules of kube-apiserver's own `--oidc-username-claim` and
 * `--oidc-groups-claim`: the name is `sub` unless said otherwise, an unverified e-mail address is no name, groups are a
 * text or a list of texts.
 * @throws ImpersonationError
 */
export function impersonationFromClaims(
  claims: Readonly<Record<string, unknown>>,
  names: {
    usernameClaim?: string | undefined;
    groupsClaim?: string | undefined;
    uidClaim?: string | undefined;
  },
  settings: ImpersonationSettings,
): Impersonation {
  const { usernameClaim = 'sub', groupsClaim, uidClaim } = names;
  if (usernameClaim === 'email' && 'email_verified' in claims && claims.email_verified !== true) {
    throw new ImpersonationError('The provider has not verified the e-mail address of this account.');
  }
  const uid = uidClaim ? textClaim(claims, uidClaim) : undefined;
  return impersonationOf(
    {
      user: textClaim(claims, usernameClaim),
      ...(uid === undefined ? {} : { uid }),
      groups: groupsClaim ? listClaim(claims, groupsClaim) : [],
      extra: [],
    },
    settings,
  );
}

/**
 * The headers by which Kubernetes takes a request for somebody else's, as client-go writes them
 * (k8s.io/client-go/transport/round_trippers.go): one header for each group and each value of an extra; of an extra's
 * key, what a header's name may not hold is percent-encoded, and so is the percent sign.
 * @throws ImpersonationError for names that may not be impersonated: never headers without a user.
 */
export function impersonationHeaders(
  impersonation: Impersonation,
  { allowSystem }: Pick<ImpersonationSettings, 'allowSystem'>,
): Record<string, string | string[]> {
  checkImpersonation(impersonation, allowSystem);
  const { user, uid, groups, extra } = impersonation;
  return {
    'Impersonate-User': onWire(user),
    ...(uid === undefined ? {} : { 'Impersonate-Uid': onWire(uid) }),
    ...(groups.length > 0 ? { 'Impersonate-Group': groups.map(onWire) } : {}),
    ...Object.fromEntries(
      Object.entries(extra).map(([key, values]) => [
        `Impersonate-Extra-${escapedKey(key)}`,
        values.map(onWire),
      ]),
    ),
  };
}

/** @throws ImpersonationError */
function checkImpersonation({ user, uid, groups, extra }: Impersonation, allowSystem: string[]): void {
  if (!user) throw new ImpersonationError('There is no name to act as.');
  const isSystem = (name: string) => name.startsWith(SYSTEM) && !allowSystem.includes(name);
  if (isSystem(user)) throw new ImpersonationError(`The name ${user} is the cluster's own.${HOW}`);
  const foreign = groups.find(isSystem);
  if (foreign !== undefined) {
    throw new ImpersonationError(`The group ${foreign} of ${user} is the cluster's own.${HOW}`);
  }
  const values = [user, ...(uid === undefined ? [] : [uid]), ...groups, ...Object.values(extra).flat()];
  if (values.length > MAX_VALUES) throw new ImpersonationError(`${user} has more than ${MAX_VALUES} groups.`);
  if (Object.keys(extra).includes('') || !values.every(isCarried)) {
    throw new ImpersonationError('A name or group of this account is empty or cannot stand in a header.');
  }
}

const HOW = ' It is not taken from outside unless impersonation.allowSystem of the configuration names it.';

/** Whether a header's value arrives as it was sent: no control characters, and no blanks at the ends, which are cut off. */
function isCarried(value: string): boolean {
  return /^[^\p{Cc}]+$/u.test(value) && !/^ | $|\p{Cs}/u.test(value);
}

/** Go reads header values as UTF-8, Node writes characters as bytes. */
function onWire(value: string): string {
  return Buffer.from(value, 'utf8').toString('latin1');
}

/** Of RFC 9110's tokens without `%`, as `legalHeaderKeyBytes` and `shouldEscape` of client-go have it. */
const LEGAL = /[\w!#$&'*+.^`|~-]/;

function escapedKey(key: string): string {
  return [...Buffer.from(key, 'utf8')]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return LEGAL.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
}

function textClaim(claims: Readonly<Record<string, unknown>>, name: string): string {
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
  if (typeof value === 'string' && value) return value;
  throw new ImpersonationError(`The provider's ID token has no text in its claim ${name}.`);
}

function listClaim(claims: Readonly<Record<string, unknown>>, name: string): string[] {
  const value = Object.hasOwn(claims, name) ? (claims[name] ?? []) : [];
  const list: unknown[] = Array.isArray(value) ? value : [value];
  if (list.every((each) => typeof each === 'string')) return list;
  throw new ImpersonationError(
    `The provider's ID token has something other than texts in its claim ${name}.`,
  );
}
