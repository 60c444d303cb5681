import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair } from 'jose';
import type { Account, ClientMetadata, Configuration, JWK, Provider } from 'oidc-provider';
import { consentPage, messagePage, signInPage, signOutPage } from './provider-pages';
import { ProviderStore } from './provider-store';

export interface ProviderUser {
  /** The subject, and what is typed into the sign-in form. */
  id: string;
  email: string;
  groups: string[];
}

export interface ProviderOptions {
  clients: ClientMetadata[];
  users: ProviderUser[];
  /** Seconds. */
  lifetimes?: { idToken?: number; accessToken?: number; refreshToken?: number };
  /** Access tokens are JWTs for this audience, as some providers issue them; else they are opaque. */
  accessTokenAudience?: string;
  /** Serves over TLS. */
  tls?: { key: string; cert: string };
  /** Every refresh hands out a new refresh token, and the old one taken again ends them all. True unless said otherwise. */
  rotate?: boolean;
}

export interface TestProvider {
  issuer: string;
  /** Requests by path, e.g. `/token`. */
  requests: string[];
  /** False answers 503 to everything. */
  available: boolean;
  /** What holds back the answers of the token endpoint, for tests of what happens meanwhile. */
  beforeToken: (() => Promise<void>) | undefined;
  /** Called when an answer of the token endpoint is on its way. */
  afterToken: (() => void) | undefined;
  /** Ends a user's sessions and tokens as an administrator does: the clients are told by back-channel logout. */
  endSessions(user: string): Promise<{ told: number; failed: unknown[] }>;
  /** The same without telling anybody. */
  forget(user: string): void;
  /** How many sessions a user has. */
  sessions(user: string): number;
  stop(): Promise<void>;
}

const HOUR = 3600;
const SCOPES = ['openid', 'offline_access', 'email', 'groups', 'profile'];

/**
 * A real OpenID Connect provider on the loopback interface: authorization code with PKCE, rotating refresh tokens,
 * revocation, logout from either side. People sign in by a name in a form; there are no passwords.
 */
export async function startProvider(options: ProviderOptions): Promise<TestProvider> {
  const restore = quieten();
  const answer = { handle: (_: IncomingMessage, response: ServerResponse) => void response.end() };
  const listener = (request: IncomingMessage, response: ServerResponse) => answer.handle(request, response);
  const server = options.tls ? createTlsServer(options.tls, listener) : createServer(listener);
  const port = await listen(server);
  const issuer = `${options.tls ? 'https' : 'http'}://127.0.0.1:${port}`;
  const store = new ProviderStore();
  const { Provider } = await import('oidc-provider');
  const provider = new Provider(issuer, await configuration(options, store));
  const handle = provider.callback();
  const test: TestProvider = {
    issuer,
    requests: [],
    available: true,
    beforeToken: undefined,
    afterToken: undefined,
    endSessions: (user) => endSessions(provider, store, user),
    forget: (user) => store.remove(({ accountId }) => accountId === user),
    sessions: (user) => store.all('Session').filter(({ accountId }) => accountId === user).length,
    async stop() {
      await close(server);
      restore();
    },
  };
  answer.handle = (request, response) => {
    const path = new URL(request.url ?? '/', issuer).pathname;
    test.requests.push(path);
    if (!test.available) {
      response.writeHead(503, { 'content-type': 'text/plain' }).end('The provider is being mended.\n');
    } else if (path.startsWith('/interaction/')) {
      interact(provider, options.users, request, response).catch((cause) => {
        response.writeHead(500).end(messagePage('The provider failed', String(cause)));
      });
    } else if (path === '/token') {
      response.on('finish', () => test.afterToken?.());
      void (test.beforeToken?.() ?? Promise.resolve()).then(() => handle(request, response));
    } else void handle(request, response);
  };
  return test;
}

async function configuration(options: ProviderOptions, store: ProviderStore): Promise<Configuration> {
  const { idToken = HOUR, accessToken = HOUR, refreshToken = HOUR } = options.lifetimes ?? {};
  const audience = options.accessTokenAudience;
  return {
    clients: options.clients,
    adapter: (model: string) => store.adapter(model),
    jwks: { keys: [await signingKey()] },
    cookies: { keys: ['only-for-tests'] },
    scopes: SCOPES,
    claims: { openid: ['sub'], email: ['email', 'email_verified'], groups: ['groups'], profile: ['name'] },
    // Kubernetes reads the claims from the ID token; many providers put them there, this one only when asked.
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    rotateRefreshToken: options.rotate ?? true,
    // Its own fetch refuses loopback addresses, where the back-channel of these tests ends.
    fetch: (url, init) => fetch(url, { ...init, dispatcher: undefined } as RequestInit),
    clientBasedCORS: () => false,
    ttl: {
      AccessToken: accessToken,
      IdToken: idToken,
      RefreshToken: refreshToken,
      AuthorizationCode: 60,
      Interaction: HOUR,
      Session: HOUR,
      Grant: HOUR,
    },
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    findAccount: (_, id) => accountOf(options.users, id),
    renderError(ctx, out) {
      ctx.type = 'html';
      ctx.body = messagePage(String(out.error), String(out.error_description ?? ''));
    },
    features: {
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
      revocation: { enabled: true, allowedPolicy: (_, client, token) => token.clientId === client.clientId },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx, form) => {
          ctx.body = signOutPage(form);
        },
        postLogoutSuccessSource: (ctx) => {
          ctx.body = messagePage('Signed out of the test provider');
        },
      },
      resourceIndicators: audience
        ? {
            enabled: true,
            defaultResource: () => `urn:${audience}`,
            useGrantedResource: () => true,
            getResourceServerInfo: () => ({
              scope: SCOPES.join(' '),
              audience,
              accessTokenFormat: 'jwt' as const,
              accessTokenTTL: accessToken,
              jwt: { sign: { alg: 'RS256' as const } },
            }),
          }
        : { enabled: false },
    },
  };
}

async function signingKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  return { ...(await exportJWK(privateKey)), alg: 'RS256', use: 'sig', kid: `key-${Date.now()}` } as JWK;
}

function accountOf(users: ProviderUser[], id: string): Account | undefined {
  const user = users.find((candidate) => candidate.id === id);
  if (!user) return undefined;
  const { email, groups } = user;
  return { accountId: id, claims: () => ({ sub: id, email, email_verified: true, groups, name: id }) };
}

/** The form for the name, then the one for consent. */
async function interact(
  provider: Provider,
  users: ProviderUser[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { prompt, params, session, grantId, uid } = await provider.interactionDetails(request, response);
  const here = `/interaction/${uid}`;
  const show = (html: string) => response.writeHead(200, { 'content-type': 'text/html' }).end(html);
  const sent = request.method === 'POST' ? new URLSearchParams(await textOf(request)) : undefined;
  if (prompt.name === 'login') {
    const user = sent?.get('user') ?? '';
    if (!sent) show(signInPage(here));
    else if (!users.some(({ id }) => id === user)) show(signInPage(here, `Nobody is called ${user}.`));
    else await provider.interactionFinished(request, response, { login: { accountId: user } });
    return;
  }
  const accountId = session?.accountId ?? '';
  const clientId = String(params.client_id);
  if (!sent) show(consentPage(here, clientId, accountId));
  else if (sent.get('answer') !== 'yes') {
    const refusal = { error: 'access_denied', error_description: 'The person refused' };
    await provider.interactionFinished(request, response, refusal);
  } else {
    const known = grantId === undefined ? undefined : await provider.Grant.find(grantId);
    const grant = known ?? new provider.Grant({ accountId, clientId });
    const scope = String(params.scope);
    grant.addOIDCScope(scope);
    for (const resource of [params.resource].flat())
      if (resource) grant.addResourceScope(String(resource), scope);
    const consent = { grantId: await grant.save() };
    await provider.interactionFinished(request, response, { consent }, { mergeWithLastSubmission: true });
  }
}

async function endSessions(provider: Provider, store: ProviderStore, user: string) {
  const failed: unknown[] = [];
  let told = 0;
  for (const session of store.all('Session').filter(({ accountId }) => accountId === user)) {
    for (const [clientId, { sid }] of Object.entries(session.authorizations ?? {})) {
      // The declarations leave out what the end of a session calls: the client's own backchannelLogout.
      const client = (await provider.Client.find(clientId)) as unknown as {
        backchannelLogoutUri?: string;
        backchannelLogout(accountId: string, sid: string | undefined): Promise<void>;
      };
      if (!client.backchannelLogoutUri) continue;
      await client.backchannelLogout(user, sid).then(
        () => told++,
        (cause: unknown) => failed.push(cause),
      );
    }
  }
  store.remove(({ accountId }) => accountId === user);
  return { told, failed };
}

/** The package greets every start with advice for production. Nothing else is held back. */
function quieten(): () => void {
  const { warn, info } = console;
  const unless =
    (print: typeof warn) =>
    (...texts: unknown[]) => {
      if (!/oidc-provider (WARNING|NOTICE)/.test(String(texts[0]))) print(...texts);
    };
  console.warn = unless(warn);
  console.info = unless(info);
  return () => Object.assign(console, { warn, info });
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
