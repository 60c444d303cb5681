import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import path from 'node:path';
import type { UserInfo } from './admission';
import { ApiError } from './errors';

const AUTHENTICATED = 'system:authenticated';
const TOKEN_PROTOCOL = 'base64url.bearer.authorization.k8s.io.';

/** The sandbox's people: who may do everything, who edits one namespace, who only looks at it. */
export const USERS: readonly {
  name: string;
  groups: string[];
  role?: 'edit' | 'view';
  namespace?: string;
}[] = [
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

/** Knows who holds which token. */
export class Authenticator {
  private readonly users = new Map<string, UserInfo>();
  private readonly expired = new Set<string>();

  constructor(tokens: Record<string, string>, others: readonly TokenHolder[] = []) {
    for (const { token, groups, ...user } of others) {
      this.users.set(token, { ...user, groups: [...groups, AUTHENTICATED] });
    }
    for (const { name, groups } of USERS) {
      const token = tokens[name];
      if (token) this.users.set(token, { username: name, groups: [...groups, AUTHENTICATED] });
    }
  }

  userOf(token: string): UserInfo | undefined {
    const user = this.users.get(token);
    return user && !this.expired.has(user.username) ? user : undefined;
  }

  /** Whether somebody's tokens count as expired from now on. False when nobody of that name holds one. */
  setExpired(username: string, expired: boolean): boolean {
    if (![...this.users.values()].some((user) => user.username === username)) return false;
    if (expired) this.expired.add(username);
    else this.expired.delete(username);
    return true;
  }

  /**
   * The user of a request: by Authorization header, else by WebSocket sub-protocol, else nobody in particular.
   * @throws ApiError 401 for a token that nobody holds.
   */
  authenticate(headers: IncomingHttpHeaders): UserInfo {
    const token = bearerToken(headers.authorization) ?? protocolToken(headers['sec-websocket-protocol']);
    if (token === undefined) return ANONYMOUS;
    const user = this.userOf(token);
    if (!user) throw new ApiError(401, 'Unauthorized', 'Unauthorized');
    return user;
  }
}

function bearerToken(header: string | undefined): string | undefined {
  return /^bearer\s+(\S+)$/i.exec(header?.trim() ?? '')?.[1];
}

/** The token that a browser can send: it counts only when another protocol is offered beside it. */
function protocolToken(header: string | undefined): string | undefined {
  const offered = offeredProtocols(header);
  const carrier = offered.find((protocol) => protocol.startsWith(TOKEN_PROTOCOL));
  if (!carrier || offered.length < 2) return undefined;
  return Buffer.from(carrier.slice(TOKEN_PROTOCOL.length), 'base64url').toString('utf8');
}

/** The names of a Sec-WebSocket-Protocol header. */
export function offeredProtocols(header: string | undefined): string[] {
  return (header ?? '')
    .split(',')
    .map((protocol) => protocol.trim())
    .filter(Boolean);
}
