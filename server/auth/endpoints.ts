import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Cluster } from '@/lib/auth/cluster';
import type { ClusterDirectory } from '@/lib/auth/cluster-directory';
import type { SignInMethod } from '@/lib/auth/sign-in-method';
import type { SessionLimits } from '@/lib/auth/ticket';
import { ApiError } from '@/lib/k8s/error';
import { returnPath } from '@/lib/session/return-path';
import { noteSignIn } from '../auditor';
import type { Upstreams } from '../upstream';
import { answerBackChannel } from './back-channel';
import { clusterInfo } from './cluster-infos';
import { whoAmI } from './identity';
import { readJson, readText, sendError, sendJson } from './json';
import type { MethodHandlers } from './method-handler';
import { newTicket, tokenViewer } from './new-session';
import type { Peers } from './peers';
import type { ProviderSignIn } from './provider-sign-in';
import type { RevocationList } from './revocations';
import type { Sessions } from './sessions';
import type { Visitor } from './visitor';

export const AUTH_PREFIX = '/auth/';
const MAX_TOKEN_LENGTH = 16_384;

export interface EndpointsOptions {
  directory: ClusterDirectory;
  sessions: Sessions;
  limits: () => SessionLimits;
  revocations: RevocationList;
  upstreams: Upstreams;
  handlers: MethodHandlers;
  providers: ProviderSignIn;
  peers: Peers;
}

/** Answers a request below `/auth/`; what it throws becomes the answer. */
type Endpoint = (call: Call) => Promise<void>;

interface Call {
  request: IncomingMessage;
  response: ServerResponse;
  visitor: Visitor;
  url: URL;
  /** Of `/auth/c/<cluster>/…`. */
  cluster: () => Promise<Cluster>;
  /** What stands last in the path, e.g. the id of a method. */
  rest: string;
}

/** Signing in and out: what is not a page and not a provider's business. */
export class AuthEndpoints {
  private readonly endpoints: Record<string, Endpoint> = {
    'GET session': (call) => this.describe(call),
    'POST c token': (call) => this.signInWithToken(call),
    'GET c start': (call) => this.start(call),
    'POST c renew': (call) => this.renew(call),
    'POST c sign-out': (call) => this.signOut(call),
    'GET callback': ({ request, response, visitor, url }) =>
      this.options.providers.callback(request, response, visitor, url),
    'GET failure': (call) => this.tellFailure(call),
    'POST back-channel': ({ request, response, rest }) =>
      answerBackChannel(request, response, rest, {
        ...this.options,
        clients: this.options.providers.clients,
      }),
    'POST peer': (call) => this.answerPeer(call),
  };

  constructor(private readonly options: EndpointsOptions) {}

  async answer(request: IncomingMessage, response: ServerResponse, visitor: Visitor): Promise<void> {
    const asked = { method: request.method ?? 'GET', path: (request.url ?? '').split('?', 1)[0] ?? '' };
    try {
      const url = readUrl(request.url ?? '', asked);
      const [, , first = '', ...more] = decodedSegments(url.pathname, asked);
      const [name = '', verb = '', rest = ''] = first === 'c' ? more : ['', '', ...more];
      const endpoint = this.endpoints[[asked.method, first, verb].filter(Boolean).join(' ')];
      if (!endpoint) throw new ApiError(404, 'NotFound', 'There is nothing at this address.', asked);
      const cluster = async () => {
        const found = await this.options.directory.find(name);
        if (!found) throw new ApiError(404, 'NotFound', `There is no cluster "${name}" here.`, asked);
        return found;
      };
      await endpoint({ request, response, visitor, url, cluster, rest });
    } catch (cause) {
      sendError(response, cause, asked);
    }
  }

  private async describe({ response, visitor }: Call): Promise<void> {
    const { directory, limits } = this.options;
    const clusters = await Promise.all(
      directory.list().map((cluster) => clusterInfo(visitor, cluster, limits())),
    );
    sendJson(response, 200, { clusters }, await visitor.cookies());
  }

  private async signInWithToken({ request, response, visitor, cluster: find }: Call): Promise<void> {
    const cluster = await find();
    const method = methodOf(cluster, ({ kind }) => kind === 'token');
    const { token } = (await readJson(request)) as { token?: unknown };
    const text = typeof token === 'string' ? token.trim() : '';
    // The alphabet of RFC 6750: anything else is a slip of the clipboard, and would be a header of its own at worst.
    if (!/^[\w\-.~+/]+=*$/.test(text) || text.length > MAX_TOKEN_LENGTH) {
      throw new ApiError(400, 'BadRequest', 'This is no bearer token.', asked(request));
    }
    const { username } = await whoAmI(this.options.upstreams, tokenViewer(cluster, method, text));
    noteSignIn(request, { user: username });
    const ticket = newTicket(cluster, method, username, text);
    const cookies = await this.options.sessions.give(ticket, visitor.browser);
    sendJson(response, 200, { user: username }, cookies);
  }

  private async start({ request, response, visitor, cluster: find, url, rest }: Call): Promise<void> {
    const cluster = await find();
    const method = methodOf(cluster, ({ id }) => id === rest);
    const start = this.options.handlers[method.kind]?.start;
    if (!start) throw new ApiError(404, 'NotFound', 'This method has no provider to go to.', asked(request));
    const returnTo = returnPath(url.searchParams.get('return'));
    await start({ request, response, visitor, cluster, returnTo }, method);
  }

  private async renew({ response, visitor, cluster: find }: Call): Promise<void> {
    const cluster = await find();
    const viewer = await visitor.viewer(cluster.name);
    await viewer.credentials();
    const info = await clusterInfo(visitor, cluster, this.options.limits());
    sendJson(response, 200, info, await visitor.cookies());
  }

  /** Why the last sign-in at a provider failed, in the provider's words; once. */
  private async tellFailure({ response, visitor }: Call): Promise<void> {
    const { failure, cookies } = await this.options.providers.pending.takeFailure(visitor.browser);
    sendJson(response, 200, failure ?? {}, cookies);
  }

  /** Another replica. */
  private async answerPeer({ request, response }: Call): Promise<void> {
    const answer = await this.options.peers.answer(await readText(request));
    if (!answer) throw new ApiError(403, 'Forbidden', 'This is no replica of this console.', asked(request));
    response.writeHead(200, { 'content-type': 'application/jose', 'cache-control': 'no-store' }).end(answer);
  }

  private async signOut({ request, response, visitor, cluster: find }: Call): Promise<void> {
    const cluster = await find();
    const { everywhere } = (await readJson(request)) as { everywhere?: unknown };
    const { sessions, revocations, limits, handlers } = this.options;
    const session = await visitor.session(cluster.name);
    let redirect: string | undefined;
    if (session && 'ticket' in session) {
      const { ticket } = session;
      noteSignIn(request, { user: ticket.user });
      const now = Date.now();
      const until = now + limits().absoluteMs;
      revocations.add({ sid: ticket.sid, until });
      if (everywhere === true) {
        revocations.add({ cluster: cluster.name, user: ticket.user, before: now, until });
      }
      const method = cluster.methods.find(({ id }) => id === ticket.method);
      // What the provider does not answer to must not keep anybody signed in here.
      redirect = method && (await handlers[method.kind]?.signOut?.(ticket, method, cluster, request));
    }
    redirect ??= await proxyLogout(visitor, cluster);
    sendJson(response, 200, redirect ? { redirect } : {}, sessions.take(cluster.name, visitor.browser));
  }
}

/** Where a proxy signs out whom it signed in: there is no session here that could end. */
async function proxyLogout(visitor: Visitor, { name, methods }: Cluster): Promise<string | undefined> {
  const viewer = await visitor.viewer(name).catch(() => undefined);
  const method = methods.find(({ id }) => id === viewer?.method);
  return method?.kind === 'proxy' ? method.logoutUrl : undefined;
}

function methodOf(cluster: Cluster, is: (method: SignInMethod) => boolean): SignInMethod {
  const method = cluster.methods.find(is);
  if (method) return method;
  const message = `One does not sign in to ${cluster.name} in this way.`;
  throw new ApiError(404, 'NotFound', message, { method: 'GET', path: '/' });
}

type Asked = ApiError['request'];

function readUrl(text: string, request: Asked): URL {
  const base = 'http://own.invalid';
  const url = URL.canParse(text, base) ? new URL(text, base) : undefined;
  if (url?.origin === base) return url;
  throw new ApiError(400, 'BadRequest', 'The address is none of ours.', request);
}

function decodedSegments(path: string, request: Asked): string[] {
  try {
    return path.split('/').map(decodeURIComponent);
  } catch {
    throw new ApiError(400, 'BadRequest', 'The address is not properly encoded.', request);
  }
}

function asked({ method = 'GET', url = '/' }: IncomingMessage): Asked {
  return { method, path: url.split('?', 1)[0] ?? '/' };
}
