import type { IncomingMessage } from 'node:http';
import type { Cluster, CredentialHeaders } from '@/lib/auth/cluster';
import { impersonationOf } from '@/lib/auth/impersonation';
import type { MethodOf, SignInMethod } from '@/lib/auth/sign-in-method';
import { fingerprint, type Impersonation, tokenExpiry } from '@/lib/auth/ticket';
import { ApiError } from '@/lib/k8s/error';
import { peerAddress, TrustedProxies } from '../client-address';
import { actingAs, explained, impersonationSettings } from './acting-as';

/** A request as far as it can bring credentials: its headers, each with all its values, and who is at the other end. */
export interface Bringing {
  headers: NodeJS.Dict<string[]>;
  /** The direct peer, whatever X-Forwarded-For says. */
  peer: string;
}

/** Credentials that came with a request instead of a session. */
export interface Brought {
  /** Equal for requests that the API treats alike. No secret. */
  key: string;
  /** As the cluster calls its user, where that is known beforehand. */
  user?: string;
  /** When they end, in ms since the epoch, where they say so. */
  expiresAt?: number;
  credentials(): Promise<CredentialHeaders>;
}

const BEARER = /^Bearer +([\w\-.~+/]+=*)$/i;
const BARE = /^[\w\-.~+/]+=*$/;
const MAX_TOKEN_LENGTH = 16_384;

/**
 * What a request brings for a cluster's method: a program such as kubectl its own token (`token`), a trusted reverse
 * proxy the token or the name of whom it signed in (`proxy`). A page of another site cannot bring a token: an
 * Authorization header takes a CORS permission that this server never gives.
 * @throws ApiError 401 or 403 for what the proxy sends and nobody can be signed in with: nothing else is tried then.
 */
export function fromRequest(method: SignInMethod, cluster: Cluster, request: Bringing): Brought | undefined {
  if (method.kind === 'token') {
    const [, token] = BEARER.exec(request.headers.authorization?.[0] ?? '') ?? [];
    return token && token.length <= MAX_TOKEN_LENGTH ? withToken(token) : undefined;
  }
  if (method.kind !== 'proxy' || !trustedBy(method).includes(request.peer)) return undefined;
  if (method.userHeader) {
    const identity = identityFrom(method, method.userHeader, cluster, request);
    return identity && withIdentity(identity, cluster);
  }
  const value = single(request, method.header);
  if (value === undefined) return undefined;
  const token = BEARER.exec(value)?.[1] ?? (isAuthorization(method.header) ? undefined : value);
  if (token && BARE.test(token) && token.length <= MAX_TOKEN_LENGTH) return withToken(token);
  throw refused(`The proxy's header ${method.header} holds no bearer token.`);
}

/** A trusted proxy's word comes before a program's own token, and both before a session. */
export function inOrderOfTrust(methods: readonly SignInMethod[]): SignInMethod[] {
  return methods.toSorted((a, b) => Number(b.kind === 'proxy') - Number(a.kind === 'proxy'));
}

const brought = new WeakMap<IncomingMessage, Bringing>();

/**
 * Takes from a request what only a trusted proxy may say, whoever sent it: from here on nothing else sees these headers,
 * and they are not passed on to a cluster.
 */
export function takeBrought(request: IncomingMessage, methods: readonly SignInMethod[]): Bringing {
  const known = brought.get(request);
  if (known) return known;
  const taken = { headers: request.headersDistinct, peer: peerAddress(request) };
  brought.set(request, taken);
  const isProxys = proxyHeaders(methods);
  for (const name of Object.keys(request.headers)) if (isProxys(name)) delete request.headers[name];
  const kept = request.rawHeaders.filter((_, index, all) => !isProxys(all[index - (index % 2)] ?? ''));
  request.rawHeaders.splice(0, request.rawHeaders.length, ...kept);
  return taken;
}

/** Whether a header is one in which some method lets its proxy speak. Authorization is taken off everything anyway. */
function proxyHeaders(methods: readonly SignInMethod[]): (name: string) => boolean {
  const names = new Set<string>();
  const prefixes: string[] = [];
  for (const method of methods) {
    if (method.kind !== 'proxy') continue;
    const { header, userHeader, uidHeader, groupsHeader, extraHeaderPrefix } = method;
    const spoken = [header, userHeader, uidHeader, groupsHeader].filter((name) => name !== undefined);
    for (const name of spoken) if (!isAuthorization(name)) names.add(plain(name));
    if (extraHeaderPrefix) prefixes.push(plain(extraHeaderPrefix));
  }
  return (name) => names.has(plain(name)) || prefixes.some((prefix) => plain(name).startsWith(prefix));
}

/** To many a gateway an underscore is a hyphen. */
function plain(name: string): string {
  return name.toLowerCase().replaceAll('_', '-');
}

function withToken(token: string): Brought {
  const expiresAt = tokenExpiry(token);
  return {
    key: fingerprint('token', token),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    credentials: async () => ({ Authorization: `Bearer ${token}` }),
  };
}

function withIdentity(identity: Impersonation, cluster: Cluster): Brought {
  const { user, uid = '', groups, extra } = identity;
  return {
    key: fingerprint('as', JSON.stringify([user, uid, groups.toSorted(), Object.entries(extra).toSorted()])),
    user,
    credentials: () => actingAs(cluster, identity),
  };
}

/** Whom the proxy says that it signed in; undefined when it says nothing. */
function identityFrom(
  { uidHeader, groupsHeader, extraHeaderPrefix }: MethodOf<'proxy'>,
  userHeader: string,
  cluster: Cluster,
  request: Bringing,
): Impersonation | undefined {
  const user = single(request, userHeader);
  if (user === undefined) return undefined;
  const uid = uidHeader ? single(request, uidHeader) : undefined;
  const groups = groupsHeader ? (request.headers[groupsHeader.toLowerCase()] ?? []) : [];
  const prefix = extraHeaderPrefix?.toLowerCase();
  const extras = prefix ? Object.entries(request.headers).filter(([name]) => name.startsWith(prefix)) : [];
  return explained(() =>
    impersonationOf(
      {
        user,
        ...(uid === undefined ? {} : { uid }),
        // Proxies write them as one list with commas, repeat the header, or do both.
        groups: groups
          .flatMap((value) => value.split(','))
          .map((group) => readable(group.trim(), groupsHeader ?? ''))
          .filter(Boolean),
        extra: extras.flatMap(([name, values = []]) =>
          values.map((value): [string, string] => [
            unescapedKey(name.slice(prefix?.length ?? 0)),
            readable(value, name),
          ]),
        ),
      },
      impersonationSettings(cluster),
    ),
  );
}

/** A header that there is once. A second one may be the visitor's own, which the proxy did not take away. */
function single({ headers }: Bringing, name: string): string | undefined {
  const [value, ...more] = headers[name.toLowerCase()] ?? [];
  if (value === undefined) return undefined;
  if (more.length > 0) throw refused(`The proxy's header ${name} came more than once.`);
  if (value === '') return undefined;
  return readable(value, name);
}

/** Node reads headers byte by byte; names are UTF-8. */
function readable(value: string, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(value, 'latin1'));
  } catch {
    throw refused(`The proxy's header ${name} is not UTF-8.`);
  }
}

function unescapedKey(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}

const isAuthorization = (name: string): boolean => name.toLowerCase() === 'authorization';

const lists = new WeakMap<SignInMethod, TrustedProxies>();

function trustedBy(method: MethodOf<'proxy'> & SignInMethod): TrustedProxies {
  const known = lists.get(method) ?? new TrustedProxies(method.trusted);
  lists.set(method, known);
  return known;
}

function refused(message: string): ApiError {
  return new ApiError(401, 'Unauthorized', message, { method: 'GET', path: '/' });
}
