import { createHash } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import { Agent, type Dispatcher, EnvHttpProxyAgent, request } from 'undici';
import { type Challenge, parseChallenges } from './challenge';
import type { Credentials } from './credentials';
import { MANIFEST_TYPES } from './manifest';
import { isLoopback, registryAddress } from './reference';

const CONNECT_MS = 5000;
const ANSWER_MS = 20_000;
/** Between two chunks of a blob. */
const SILENCE_MS = 30_000;
const MANIFEST_BYTES = 4 * 2 ** 20;
const REDIRECTS = 5;
const TLS_REFUSED = /^(CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|ERR_TLS_CERT)/;

/** Nobody answers at this host: a sentence without its full stop. */
export class Unanswered extends Error {}

/** What a registry answered is an error, in containerd's words. */
export class RegistryError extends Error {
  constructor(
    message: string,
    readonly status?: number,
  ) {
    super(message);
  }
}

export interface RegistryOptions {
  host: string;
  repository: string;
  credentials?: Credentials;
  /** Plain HTTP and any certificate will do, as always on the loopback interface. */
  insecure?: boolean;
  /** PEM of who else may have signed the registry's certificate. */
  ca?: string;
  signal: AbortSignal;
}

type Answer = Dispatcher.ResponseData;

/** One repository of a registry, spoken to as the OCI distribution specification says. Owns its connections. */
export class RegistryClient {
  #authorization: string | undefined;

  private constructor(
    private readonly options: RegistryOptions,
    private readonly dispatcher: Dispatcher,
    private origin: string,
  ) {}

  /**
   * Finds the registry.
   * @throws Unanswered when nobody answers there; RegistryError when its certificate is not to be trusted
   */
  static async connect(options: RegistryOptions): Promise<RegistryClient> {
    const { host, ca } = options;
    const lax = options.insecure || isLoopback(host);
    const connect = { timeout: CONNECT_MS, rejectUnauthorized: !lax, ...(ca ? { ca } : {}) };
    const dispatcher = isLoopback(host) ? new Agent({ connect }) : new EnvHttpProxyAgent({ connect });
    const client = new RegistryClient(options, dispatcher, `https://${registryAddress(host)}`);
    try {
      await client.ping().catch((error: unknown) => {
        // Something answers there, and it is not TLS.
        if (!lax || !/^(EPROTO|ERR_SSL_|UND_ERR_SOCKET|ECONNRESET)/.test(codeOf(error))) throw error;
        client.origin = `http://${registryAddress(host)}`;
        return client.ping();
      });
      return client;
    } catch (error) {
      await client.close();
      const url = `${client.origin}/v2/`;
      if (TLS_REFUSED.test(codeOf(error))) {
        const why = 'tls: failed to verify certificate: x509: certificate signed by unknown authority';
        throw new RegistryError(`failed to resolve image: failed to do request: Head "${url}": ${why}`);
      }
      throw new Unanswered(`${host} did not answer: ${networkWords(error)}`);
    }
  }

  close(): Promise<void> {
    return this.dispatcher.destroy();
  }

  /** What a tag means now; undefined when the registry does not say it. @throws RegistryError */
  async resolve(tag: string): Promise<string | undefined> {
    const { headers, body } = await this.ask('HEAD', `manifests/${tag}`, {
      accept: MANIFEST_TYPES.join(', '),
    });
    await body.dump();
    const digest = headers['docker-content-digest'];
    return typeof digest === 'string' ? digest : undefined;
  }

  /** @throws RegistryError, also when the bytes are not those of the digest that was asked for */
  async manifest(tag: string): Promise<{ digest: string; text: string; bytes: number }> {
    const { body } = await this.ask('GET', `manifests/${tag}`, { accept: MANIFEST_TYPES.join(', ') });
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of body as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > MANIFEST_BYTES)
        throw new RegistryError(`the manifest ${tag} is larger than ${MANIFEST_BYTES} bytes`);
    }
    const content = Buffer.concat(chunks);
    const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`;
    if (tag.includes(':') && tag !== digest) {
      throw new RegistryError(
        `failed to copy: failed commit on ref "manifest-${tag}": unexpected commit digest ${digest}, expected ${tag}: failed precondition`,
      );
    }
    return { digest, text: content.toString('utf8'), bytes };
  }

  /** The bytes of a blob from `from` on; `from` is 0 in the answer of a registry that cannot begin in the middle. */
  async blob(digest: string, from: number): Promise<{ from: number; body: AsyncIterable<Buffer> }> {
    const range: Record<string, string> = from > 0 ? { range: `bytes=${from}-` } : {};
    const { statusCode, body } = await this.ask('GET', `blobs/${digest}`, range);
    // undici's bodies are streams of buffers.
    return { from: statusCode === 206 ? from : 0, body: body as AsyncIterable<Buffer> };
  }

  private async ping(): Promise<void> {
    const { body } = await this.send('GET', `${this.origin}/v2/`, {});
    await body.dump();
  }

  /** Asks for something of the repository, and comes with what the registry wants to see first. */
  private async ask(method: 'GET' | 'HEAD', what: string, headers: Record<string, string>): Promise<Answer> {
    const url = `${this.origin}/v2/${this.options.repository}/${what}`;
    let answer = await this.follow(method, url, headers);
    if (answer.statusCode === 401) {
      await answer.body.dump();
      await this.authorize([answer.headers['www-authenticate'] ?? []].flat().join(', '));
      answer = await this.follow(method, url, headers);
    }
    if (answer.statusCode < 400) return answer;
    await answer.body.dump();
    throw this.refusal(method, url, answer.statusCode);
  }

  private refusal(method: string, url: string, status: number): RegistryError {
    const { host, repository } = this.options;
    const isManifest = url.includes('/manifests/');
    const step = isManifest ? 'failed to resolve image' : 'failed to copy: httpReadSeeker: failed open';
    if (status === 404) {
      const tag = url.slice(url.lastIndexOf('/') + 1);
      const name = isManifest
        ? `${host}/${repository}${tag.includes(':') ? '@' : ':'}${tag}`
        : `content at ${url}`;
      return new RegistryError(`${step}: ${isManifest ? '' : 'could not fetch '}${name}: not found`, status);
    }
    const words = `unexpected status from ${method} request to ${url}: ${statusLine(status)}`;
    return new RegistryError(`${step}: ${words}`, status);
  }

  private async follow(
    method: 'GET' | 'HEAD',
    url: string,
    headers: Record<string, string>,
  ): Promise<Answer> {
    let place = url;
    for (let hops = 0; ; hops += 1) {
      // What lets in here is nobody else's business: a redirect to a store carries its own signature.
      const ours = new URL(place).origin === this.origin && this.#authorization;
      const answer = await this.send(method, place, {
        ...headers,
        ...(ours ? { authorization: ours } : {}),
      });
      const { location } = answer.headers;
      if (![301, 302, 303, 307, 308].includes(answer.statusCode) || typeof location !== 'string')
        return answer;
      await answer.body.dump();
      if (hops === REDIRECTS)
        throw new RegistryError(`failed to do request: stopped after ${REDIRECTS} redirects`);
      place = new URL(location, place).href;
    }
  }

  private send(method: 'GET' | 'HEAD', url: string, headers: Record<string, string>): Promise<Answer> {
    const { dispatcher, options } = this;
    return request(url, {
      method,
      dispatcher,
      headers: { 'user-agent': 'containerd/2.1', ...headers },
      headersTimeout: ANSWER_MS,
      bodyTimeout: SILENCE_MS,
      signal: options.signal,
    });
  }

  private async authorize(header: string): Promise<void> {
    const { credentials } = this.options;
    for (const challenge of parseChallenges(header)) {
      if (challenge.scheme === 'bearer') {
        this.#authorization = `Bearer ${await this.token(challenge)}`;
        return;
      }
      if (credentials) {
        this.#authorization = basic(credentials);
        return;
      }
    }
    throw new RegistryError(
      'failed to resolve image: pull access denied, repository does not exist or may require authorization: authorization failed: no basic auth credentials',
      401,
    );
  }

  /** A token of the server that the registry trusts, for pulling from this repository. */
  private async token({ parameters }: Challenge): Promise<string> {
    const { credentials, repository } = this.options;
    const failed = `failed to resolve image: failed to authorize: failed to fetch ${credentials ? 'oauth' : 'anonymous'} token`;
    let url: URL;
    try {
      url = new URL(parameters.realm ?? '');
    } catch {
      throw new RegistryError(`${failed}: no valid realm in the challenge`, 401);
    }
    if (parameters.service) url.searchParams.set('service', parameters.service);
    url.searchParams.set('scope', parameters.scope ?? `repository:${repository}:pull`);
    const headers: Record<string, string> = credentials ? { authorization: basic(credentials) } : {};
    const { statusCode, body } = await this.send('GET', url.href, headers);
    if (statusCode !== 200) {
      await body.dump();
      throw new RegistryError(
        `${failed}: unexpected status from GET request to ${url.href}: ${statusLine(statusCode)}`,
        statusCode,
      );
    }
    const answer = await body.json().catch(() => undefined);
    const { token, access_token: other } = (answer ?? {}) as { token?: unknown; access_token?: unknown };
    if (typeof token === 'string') return token;
    if (typeof other === 'string') return other;
    throw new RegistryError(`${failed}: authorization server did not include a token in the response`);
  }
}

function basic({ username, password }: Credentials): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

function statusLine(status: number): string {
  return `${status} ${STATUS_CODES[status] ?? ''}`.trim();
}

function codeOf(error: unknown): string {
  const { code, cause } = error as { code?: unknown; cause?: { code?: unknown } };
  return String(code ?? cause?.code ?? '');
}

/** What kept a connection from coming about or going on, as Go says it. */
export function networkWords(error: unknown): string {
  switch (codeOf(error)) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'no such host';
    case 'ECONNREFUSED':
      return 'connection refused';
    case 'ECONNRESET':
    case 'UND_ERR_SOCKET':
      return 'unexpected EOF';
    case 'ENETUNREACH':
    case 'EHOSTUNREACH':
      return 'no route to host';
    case 'ETIMEDOUT':
    case 'UND_ERR_CONNECT_TIMEOUT':
    case 'UND_ERR_HEADERS_TIMEOUT':
    case 'UND_ERR_BODY_TIMEOUT':
      return 'i/o timeout';
    default:
      return error instanceof Error ? error.message : String(error);
  }
}
