import type { IncomingHttpHeaders } from 'node:http';
import type { UserInfo } from '../admission';
import { ANONYMOUS } from '../authentication';
import type { Attributes } from '../authorization';
import { PlainError } from '../errors';
import { serviceAccountGroups, splitServiceAccountName } from './service-account-tokens';

/** Whom a request's headers ask to act as, and each right that this takes. */
export interface Impersonation {
  user: UserInfo;
  needs: Attributes[];
}

const EXTRA = 'impersonate-extra-';
const AUTHENTICATION = 'authentication.k8s.io';
const EVERYBODY = ['system:authenticated', 'system:unauthenticated'];

/**
 * Reads the Impersonate-* headers, as pkg/endpoints/filters/impersonation.go does. Undefined without any.
 * @throws PlainError 500 for groups, a uid or extras without a user; `path` stands in it.
 */
export function readImpersonation(headers: IncomingHttpHeaders, path: string): Impersonation | undefined {
  const [username] = valuesOf(headers, 'impersonate-user');
  const groups = valuesOf(headers, 'impersonate-group');
  const [uid] = valuesOf(headers, 'impersonate-uid');
  const extra = extrasOf(headers);
  const extras = Object.entries(extra).flatMap(([key, values]) => values.map((value) => ({ key, value })));
  if (!username) {
    const asked = [
      ...groups.map((name) => reference('Group', name)),
      ...extras.map(({ key, value }) => reference('UserExtra', value, 'authentication.k8s.io/v1', key)),
      ...(uid ? [reference('UID', uid, 'authentication.k8s.io/v1')] : []),
    ];
    if (asked.length === 0) return undefined;
    const why = `requested [${asked.join(' ')}] without impersonating a user`;
    const text = `Internal Server Error: ${JSON.stringify(path)}: ${why}\n`;
    throw new PlainError(500, text, { 'X-Content-Type-Options': 'nosniff' });
  }
  const account = splitServiceAccountName(username);
  const impersonate = { verb: 'impersonate', group: '' };
  return {
    user: {
      username,
      ...(uid ? { uid } : {}),
      groups: withEverybody(
        username,
        account && groups.length === 0 ? serviceAccountGroups(account.namespace) : groups,
      ),
      ...(extras.length > 0 ? { extra } : {}),
    },
    needs: [
      account
        ? { ...impersonate, resource: 'serviceaccounts', ...account }
        : { ...impersonate, resource: 'users', name: username },
      ...groups.map((name) => ({ ...impersonate, resource: 'groups', name })),
      ...extras.map(({ key, value }) => ({
        verb: 'impersonate',
        group: AUTHENTICATION,
        resource: 'userextras',
        subresource: key,
        name: value,
      })),
      ...(uid ? [{ verb: 'impersonate', group: AUTHENTICATION, resource: 'uids', name: uid }] : []),
    ],
  };
}

/**
 * A header's values. Node joins repeated ones with a comma, unless the transport has kept them apart, and takes each
 * byte for a character, where Go reads UTF-8.
 */
function valuesOf(headers: IncomingHttpHeaders, name: string): string[] {
  const sent = headers[name];
  const values = Array.isArray(sent) ? sent : (sent ?? '').split(',');
  return values.map((value) => Buffer.from(value.trim(), 'latin1').toString()).filter(Boolean);
}

function extrasOf(headers: IncomingHttpHeaders): Record<string, string[]> {
  const extra: Record<string, string[]> = {};
  for (const name of Object.keys(headers)) {
    if (name.startsWith(EXTRA)) extra[unescaped(name.slice(EXTRA.length))] = valuesOf(headers, name);
  }
  return extra;
}

/** Keys may hold what headers may not, percent-encoded. */
function unescaped(key: string): string {
  try {
    return decodeURIComponent(key).toLowerCase();
  } catch {
    return key;
  }
}

function withEverybody(username: string, groups: string[]): string[] {
  if (groups.some((group) => EVERYBODY.includes(group))) return groups;
  return [...groups, username === ANONYMOUS.username ? 'system:unauthenticated' : 'system:authenticated'];
}

/** An ObjectReference as Go prints it: kind, namespace, name, uid, apiVersion, resourceVersion, fieldPath. */
function reference(kind: string, name: string, apiVersion = '', fieldPath = ''): string {
  return `{${[kind, '', name, '', apiVersion, '', fieldPath].join(' ')}}`;
}
