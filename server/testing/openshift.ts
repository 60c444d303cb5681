import { createHash, randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, request as httpsRequest, type Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { selfSigned } from './fake-cluster';
import { consentPage, messagePage, signInPage } from './provider-pages';

export interface OpenShiftOptions {
  /** The API behind it, which knows nothing of OAuth. */
  api: { url: string; ca: string };
  /** The tokens by which that API knows people, by name. */
  tokens: Record<string, string>;
  client: { id: string; secret: string; redirectUri: string };
  /** Seconds. */
  lifetime?: number;
}

export interface TestOpenShift {
  url: string;
  /** PEM: who vouches for the API, and for the OAuth server, which has another certificate as on a real cluster. */
  ca: string;
  oauthCa: string;
  /** How many tokens are good. */
  tokens(): number;
  close(): Promise<void>;
}

interface Code {
  user: string;
  challenge: string;
  redirectUri: string;
}

const TOKENS = '/apis/oauth.openshift.io/v1/useroauthaccesstokens/';

/**
 * What OpenShift adds to a Kubernetes API, in front of one: an OAuth server (code with PKCE, scope user:full, opaque
 * tokens without refresh), an API that takes its tokens, and the resource by which people delete their own.
 */
export async function startOpenShift(options: OpenShiftOptions): Promise<TestOpenShift> {
  const [apiCertificate, oauthCertificate] = [await selfSigned('api'), await selfSigned('ingress')];
  const oauth = new OAuthServer(options);
  const oauthServer = createServer(
    oauthCertificate,
    (request, response) => void oauth.answer(request, response),
  );
  const oauthUrl = await listen(oauthServer);
  const front = createServer(apiCertificate, (request, response) => {
    if (request.url === '/.well-known/oauth-authorization-server') {
      sendJson(response, 200, {
        issuer: oauthUrl,
        authorization_endpoint: `${oauthUrl}/oauth/authorize`,
        token_endpoint: `${oauthUrl}/oauth/token`,
        scopes_supported: ['user:check-access', 'user:full', 'user:info'],
        response_types_supported: ['code', 'token'],
        grant_types_supported: ['authorization_code', 'implicit'],
        code_challenge_methods_supported: ['plain', 'S256'],
      });
      return;
    }
    const user = oauth.userOf(bearerOf(request));
    if (request.url?.startsWith(TOKENS) && request.method === 'DELETE') {
      const name = request.url.slice(TOKENS.length);
      const found = user !== undefined && oauth.remove(name, user);
      sendJson(response, found ? 200 : user ? 404 : 401, {
        kind: 'Status',
        status: found ? 'Success' : 'Failure',
      });
      return;
    }
    forward(options, request, response, user);
  });
  front.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    forwardUpgrade(options, request, socket, head, oauth.userOf(bearerOf(request)));
  });
  const url = await listen(front);
  return {
    url,
    ca: apiCertificate.cert,
    oauthCa: oauthCertificate.cert,
    tokens: () => oauth.size,
    close: async () => void (await Promise.all([close(front), close(oauthServer)])),
  };
}

class OAuthServer {
  private readonly codes = new Map<string, Code>();
  /** Users by the name of the token's object, as OpenShift keeps them: by hash. */
  private readonly issued = new Map<string, string>();

  constructor(private readonly options: OpenShiftOptions) {}

  get size(): number {
    return this.issued.size;
  }

  userOf(token: string | undefined): string | undefined {
    return token === undefined ? undefined : this.issued.get(nameOf(token));
  }

  remove(name: string, user: string): boolean {
    return this.issued.get(name) === user && this.issued.delete(name);
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'https://own.invalid');
    const form = request.method === 'POST' ? new URLSearchParams(await textOf(request)) : undefined;
    if (url.pathname === '/oauth/authorize') this.authorize(url, form, response);
    else if (url.pathname === '/oauth/token' && form) this.token(request, form, response);
    else sendHtml(response, 404, messagePage('Not found'));
  }

  private authorize(url: URL, form: URLSearchParams | undefined, response: ServerResponse): void {
    const { client, tokens } = this.options;
    const of = (name: string) => url.searchParams.get(name) ?? '';
    const redirectUri = of('redirect_uri');
    if (of('client_id') !== client.id || redirectUri !== client.redirectUri) {
      sendJson(response, 400, {
        error: 'unauthorized_client',
        error_description: 'The client is not authorized',
      });
      return;
    }
    const back = (answer: Record<string, string>) => {
      const query = new URLSearchParams({ ...answer, state: of('state') });
      response.writeHead(302, { location: `${redirectUri}?${query}` }).end();
    };
    const user = form?.get('user') ?? url.searchParams.get('user') ?? '';
    const here = `${url.pathname}${url.search}`;
    if (!(user in tokens)) {
      sendHtml(response, 200, signInPage(here, form ? 'Invalid login or password.' : ''));
    } else if (!form?.has('answer')) {
      sendHtml(response, 200, consentPage(`${here}&user=${encodeURIComponent(user)}`, client.id, user));
    } else if (form.get('answer') !== 'yes') {
      back({ error: 'access_denied', error_description: 'The resource owner denied the request.' });
    } else if (of('scope') !== 'user:full' || of('code_challenge_method') !== 'S256') {
      back({ error: 'invalid_scope' });
    } else {
      const code = `${'sha256~'}${randomBytes(32).toString('base64url')}`;
      this.codes.set(code, { user, challenge: of('code_challenge'), redirectUri });
      back({ code });
    }
  }

  private token(request: IncomingMessage, form: URLSearchParams, response: ServerResponse): void {
    const { client, lifetime = 86_400 } = this.options;
    const [, basic = ''] = /^Basic (.*)$/.exec(request.headers.authorization ?? '') ?? [];
    // RFC 6749, section 2.3.1: both are encoded as in forms, before they are joined.
    const shown = Buffer.from(basic, 'base64').toString().split(':').map(decodeURIComponent);
    const code = this.codes.get(form.get('code') ?? '');
    this.codes.delete(form.get('code') ?? '');
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    if (shown[0] !== client.id || shown[1] !== client.secret) {
      sendJson(response, 401, { error: 'unauthorized_client' });
    } else if (!code || code.challenge !== challenge || code.redirectUri !== form.get('redirect_uri')) {
      sendJson(response, 400, { error: 'invalid_grant' });
    } else {
      const token = `sha256~${randomBytes(32).toString('base64url')}`;
      const name = nameOf(token);
      this.issued.set(name, code.user);
      setTimeout(() => this.issued.delete(name), lifetime * 1000).unref();
      sendJson(response, 200, {
        access_token: token,
        expires_in: lifetime,
        scope: 'user:full',
        token_type: 'Bearer',
      });
    }
  }
}

function nameOf(token: string): string {
  return `sha256~${createHash('sha256')
    .update(token.replace(/^sha256~/, ''))
    .digest('base64url')}`;
}

function bearerOf({ headers }: IncomingMessage): string | undefined {
  return /^Bearer (sha256~.+)$/.exec(headers.authorization ?? '')?.[1];
}

function upstream({ api, tokens }: OpenShiftOptions, request: IncomingMessage, user: string | undefined) {
  const authorization = user === undefined ? request.headers.authorization : `Bearer ${tokens[user]}`;
  return httpsRequest(api.url + request.url, {
    method: request.method,
    ca: api.ca,
    headers: { ...request.headers, ...(authorization ? { authorization } : {}) },
  });
}

function forward(
  options: OpenShiftOptions,
  request: IncomingMessage,
  response: ServerResponse,
  user: string | undefined,
): void {
  const asked = upstream(options, request, user);
  asked.on('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    response.flushHeaders();
    answer.pipe(response);
  });
  asked.on('error', () => response.destroy());
  response.on('close', () => asked.destroy());
  request.pipe(asked);
}

function forwardUpgrade(
  options: OpenShiftOptions,
  request: IncomingMessage,
  socket: Socket,
  head: Buffer,
  user: string | undefined,
): void {
  const asked = upstream(options, request, user);
  const abort = () => socket.destroy();
  socket.on('error', () => asked.destroy());
  asked.on('error', abort);
  asked.on('response', abort);
  asked.on('upgrade', (answer, other, rest) => {
    const headers = Object.entries(answer.headers).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`HTTP/1.1 101 Switching Protocols\r\n${headers.join('')}\r\n`);
    socket.write(rest);
    other.write(head);
    other.on('error', abort).pipe(socket).pipe(other);
  });
  asked.end();
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function sendHtml(response: ServerResponse, status: number, html: string): void {
  response.writeHead(status, { 'content-type': 'text/html' }).end(html);
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}

function listen(server: Server): Promise<string> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () =>
      resolve(`https://127.0.0.1:${(server.address() as AddressInfo).port}`),
    );
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
