import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ClusterDirectory } from '@/lib/auth/cluster-directory';
import { peekLogoutToken } from '@/lib/auth/logout-token';
import { ProviderError } from '@/lib/auth/provider-error';
import type { MethodOf } from '@/lib/auth/sign-in-method';
import type { SessionLimits } from '@/lib/auth/ticket';
import { readText } from './json';
import type { ProviderClients } from './provider-clients';
import type { RevocationList } from './revocations';

export interface BackChannelOptions {
  directory: ClusterDirectory;
  clients: ProviderClients;
  revocations: RevocationList;
  limits: () => SessionLimits;
}

/**
 * `POST /auth/back-channel/<method id>`: a provider tells that it ended a session, by OpenID Connect Back-Channel Logout
 * 1.0. What it says holds for every cluster where its users sign in.
 */
export async function answerBackChannel(
  request: IncomingMessage,
  response: ServerResponse,
  id: string,
  { directory, clients, revocations, limits }: BackChannelOptions,
): Promise<void> {
  try {
    const token = new URLSearchParams(await readForm(request)).get('logout_token') ?? '';
    const method = methodFor(token, id, directory);
    if (!method) throw new ProviderError('token-invalid', 'it is for nobody here');
    const { subject, providerSid } = await clients.oidc(method).takeLogoutToken(token);
    const now = Date.now();
    const common = { issuer: method.issuer, before: now, until: now + limits().absoluteMs };
    // A session, where one is named; everything of a person otherwise.
    revocations.add(
      providerSid ? { ...common, providerSid } : { ...common, ...(subject ? { subject } : {}) },
    );
    response.writeHead(200, { 'cache-control': 'no-store' }).end();
  } catch (cause) {
    if (!(cause instanceof ProviderError)) console.error('POST /auth/back-channel failed:', cause);
    const said = cause instanceof ProviderError ? cause.said : undefined;
    response.writeHead(400, { 'content-type': 'application/json', 'cache-control': 'no-store' });
    response.end(JSON.stringify({ error: 'invalid_request', ...(said ? { error_description: said } : {}) }));
  }
}

/** Several clusters may have a method of this id: the one whose issuer and client the token names. */
function methodFor(token: string, id: string, directory: ClusterDirectory): MethodOf<'oidc'> | undefined {
  const named = peekLogoutToken(token);
  return directory
    .list()
    .flatMap(({ methods }) => methods)
    .find(
      (method): method is MethodOf<'oidc'> =>
        method.kind === 'oidc' &&
        method.id === id &&
        method.issuer === named?.issuer &&
        named.audience.includes(method.clientId),
    );
}

async function readForm(request: IncomingMessage): Promise<string> {
  if (!/^application\/x-www-form-urlencoded\b/.test(request.headers['content-type'] ?? '')) {
    throw new ProviderError('token-invalid', 'the request is no form');
  }
  return readText(request).catch(() => {
    throw new ProviderError('token-invalid', 'the request is too long');
  });
}
