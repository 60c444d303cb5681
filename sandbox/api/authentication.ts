import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import path from 'node:path';
import type { OpenIdTokens } from './access/openid-tokens';
import { ISSUER, type ServiceAccountTokens, type Verdict } from './access/service-account-tokens';
import type { UserInfo } from './admission';
import { ApiError } from './errors';

const AUTHENTICATED = 'system:authenticated';
const TOKEN_PROTOCOL = 'base64url.bearer.authorization.k8s.io.';

interface Person {
  name: string;
  groups: string[];
  role?: 'edit' | 'view';
  namespace?: string;
}

/** The sandbox's people: who may do everything, who edits one namespace, who only looks at it. */
export const USERS: readonly [Person, ...Person[]] = [
  { name: 'admin', groups: ['system:masters'] },
  { name: 'dana', groups: [], role: 'edit', namespace: 'dev' },
  { name: 'vic', groups: [], role: 'view', namespace: 'dev' },
];

export const ANONYMOUS: UserInfo = { username: 'system:anonymous', groups: ['system:unauthenticated'] };

/** Bearer tokens by user name. They are made once and kept in `directory`, so that a kubeconfig stays valid. */
export function loadTokens(directory: string | undefined): Record<string, string> {
  const file = directory === undefined ? undefined : path.join(directory, 'tokens.json');
  const known =
    file && existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>) : {};
  const tokens = Object.fromEntries(
    USERS.map(({ name }) => [name, known[name] ?? randomBytes(32).toString('base64url')]),
  );
  if (file && JSON.stringify(tokens) !== JSON.stringify(known)) {
    writeFileSync(file, `${JSON.stringify(tokens, null, 2)}\n`, { mode: 0o600 });
  }
  return tokens;
}

/** A person of a token file, beyond the sandbox's own. */
export interface TokenHolder extends UserInfo {
  token: string;
}

/**
 * Reads a token file in the format of kube-apiserver's --token-auth-file: `token,user,uid,"group1,group2"` on each
 * line, of which the last two may be missing.
 * @throws Error for a line without a token and a user.
 */
export function readTokenFile(text: string): TokenHolder[] {
  return text
    .split('\n')
    .filter((line) => line.trim())
    .map((line, index) => {
      const fields = [...line.matchAll(/(?:^|,)(?:"([^"]*)"|([^,]*))/g)];
      const [token = '', username = '', uid = '', groups = ''] = fields.map((field) =>
        (field[1] ?? field[2] ?? '').trim(),
      );
      if (!token || !username) throw new Error(`line ${index + 1} of the token file lacks a token or a user`);
      return {
        token,
        username,
        ...(uid ? { uid } : {}),
        groups: groups
          .split(',')
          .map((group) => group.trim())
          .filter(Boolean),
      };
    });
}

/** The client certificate of a connection: whose it is, or that it is not to be believed. */
export type ClientCertificate = { user: UserInfo } | 'refused';

/** Knows who holds which token: people by name, service accounts and an OpenID Connect provider's users by signature. */
export class Authenticator {
  private readonly users = new Map<string, UserInfo>();
  private readonly expired = new Set<string>();

  constructor(
    tokens: Record<string, string>,
    others: readonly TokenHolder[] = [],
    private readonly accounts?: Pick<ServiceAccountTokens, 'verify'>,
    private readonly openId?: Pick<OpenIdTokens, 'verify'>,
  ) {
    for (const { token, ...user } of others) this.users.set(token, user);
    for (const { name, groups } of USERS) {
      const token = tokens[name];
      if (token) this.users.set(token, { username: name, groups });
    }
  }

  /** Whether somebody's tokens and certificates count as expired from now on. False when nobody of that name holds one. */
  setExpired(username: string, expired: boolean): boolean {
    if (![...this.users.values()].some((user) => user.username === username)) return false;
    if (expired) this.expired.add(username);
    else this.expired.delete(username);
    return true;
  }

  /** Who holds the token, for somebody of the wanted audiences; a person's token is for the API alone. */
  async review(token: string, audiences: readonly string[] = [ISSUER]): Promise<Verdict> {
    const user = this.users.get(token);
    if (user && this.expired.has(user.username)) return { error: 'invalid bearer token' };
    if (user) return forTheApi(user, audiences);
    const person = await this.openId?.verify(token);
    if (person && 'user' in person) return forTheApi(person.user, audiences);
    const verdict = person ?? this.accounts?.verify(token, [...audiences]);
    if (!verdict) return { error: 'invalid bearer token' };
    return 'error' in verdict
      ? { error: `[invalid bearer token, ${verdict.error}]` }
      : { ...verdict, user: authenticated(verdict.user) };
  }

  /**
   * The user of a request: by client certificate, else by Authorization header, else by WebSocket sub-protocol, else
   * nobody in particular.
   * @throws ApiError 401 for a token or a certificate that nobody holds.
   */
  async authenticate(headers: IncomingHttpHeaders, certificate?: ClientCertificate): Promise<UserInfo> {
    if (certificate && certificate !== 'refused' && !this.expired.has(certificate.user.username)) {
      return authenticated(certificate.user);
    }
    const token = bearerToken(headers.authorization) ?? protocolToken(headers['sec-websocket-protocol']);
    if (token === undefined && !certificate) return ANONYMOUS;
    const verdict = token ? await this.review(token) : undefined;
    if (!verdict || 'error' in verdict) throw unauthorized();
    return verdict.user;
  }
}

function authenticated({ groups, ...user }: UserInfo): UserInfo {
  return { ...user, groups: groups.includes(AUTHENTICATED) ? groups : [...groups, AUTHENTICATED] };
}

/** People's tokens name no audience: they are good for the API and for nobody else. */
function forTheApi(user: UserInfo, audiences: readonly string[]): Verdict {
  const held = audiences.filter((audience) => audience === ISSUER);
  return held.length > 0 ? { user: authenticated(user), audiences: held } : { error: 'invalid bearer token' };
}

function unauthorized(): ApiError {
  return new ApiError(401, 'Unauthorized', 'Unauthorized');
}

function bearerToken(header: string | undefined): string | undefined {
  const [scheme = '', token] = (header ?? '').trim().split(' ');
  return scheme.toLowerCase() === 'bearer' && token ? token : undefined;
}

/**
 * The token that a browser can send.
 * @throws ApiError 401 unless there is one, well encoded, with another protocol beside it that can be echoed.
 */
function protocolToken(header: string | undefined): string | undefined {
  const offered = offeredProtocols(header);
  const carriers = offered.filter((protocol) => protocol.startsWith(TOKEN_PROTOCOL));
  const [carrier] = carriers;
  if (carrier === undefined) return undefined;
  const encoded = carrier.slice(TOKEN_PROTOCOL.length);
  if (carriers.length > 1 || !/^[\w-]*$/.test(encoded)) throw unauthorized();
  const token = Buffer.from(encoded, 'base64url').toString('utf8');
  if (!token) return undefined;
  if (offered.length === 1) throw unauthorized();
  return token;
}

/** The names of a Sec-WebSocket-Protocol header. */
export function offeredProtocols(header: string | undefined): string[] {
  return (header ?? '')
    .split(',')
    .map((protocol) => protocol.trim())
    .filter(Boolean);
}
