import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import type { Duplex, Readable } from 'node:stream';
import { connect, rootCertificates } from 'node:tls';
import { Agent, buildConnector, type Dispatcher, interceptors, ProxyAgent, request } from 'undici';
import { isLoopback } from '../../registry/reference';
import { TransferError } from './transfer-error';

const CONNECT_TIMEOUT_MS = 30_000;
const HEADERS_TIMEOUT_MS = 30_000;
/** A server that sends nothing for that long has gone. */
const IDLE_TIMEOUT_MS = 600_000;
const REDIRECTIONS = 10;
/** What Debian and Fedora keep the certificates in that the machine trusts. */
const SYSTEM_BUNDLES = ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt'];
/** What no name server can ever answer (RFC 2606). */
const RESERVED = /(^|\.)(invalid|test|example)$/;

export interface HttpRequest {
  url: string;
  headers: Readonly<Record<string, string>>;
  credentials?: { user: string; password: string };
  /** PEM certificates to trust beside the machine's own. */
  trusted: readonly string[];
  insecure: boolean;
  proxy?: string;
  /** Leads to services of the cluster by their names, which no name server knows. */
  reachService?: (host: string, port: number) => Duplex | undefined;
}

export interface HttpBody {
  body: Readable;
  /** Bytes to come, where the server says so. */
  length: number | undefined;
  /** Whether parts may be asked for: such an image needs no scratch space at CDI. */
  takesRanges: boolean;
  close(): Promise<void>;
}

/** What a server tells of a file without sending it. */
export interface HttpFacts {
  etag?: string;
  lastModified?: string;
  length?: string;
}

/**
 * Asks a web server for a file. The body errs with `unexpected EOF` when it ends before its length.
 * @throws TransferError in the words of CDI's importer.
 */
export async function openHttp(wanted: HttpRequest, signal: AbortSignal): Promise<HttpBody> {
  const { dispatcher, answer } = await ask(wanted, 'GET', signal);
  const { headers, body } = answer;
  const length = Number(headers['content-length'] ?? Number.NaN);
  const ranges = String(headers['accept-ranges'] ?? 'none');
  return {
    body,
    length: Number.isFinite(length) ? length : undefined,
    takesRanges: ranges !== 'none',
    close: () => dispatcher.destroy(),
  };
}

/** @throws TransferError as above. */
export async function headHttp(wanted: HttpRequest, signal: AbortSignal): Promise<HttpFacts> {
  const { dispatcher, answer } = await ask(wanted, 'HEAD', signal);
  await answer.body.dump();
  await dispatcher.destroy();
  const { etag, 'last-modified': lastModified, 'content-length': length } = answer.headers;
  return {
    ...(etag ? { etag: String(etag) } : {}),
    ...(lastModified ? { lastModified: String(lastModified) } : {}),
    ...(length ? { length: String(length) } : {}),
  };
}

/** What ends a stream before its end. */
const CUT_OFF = [
  'UND_ERR_SOCKET',
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
  'ERR_STREAM_PREMATURE_CLOSE',
  'Z_BUF_ERROR',
];

/** Why a stream broke off, as Go's client says it; what else goes wrong says itself. */
export function streamFailure(error: unknown): string {
  const { code = '', message } = error as { code?: string; message?: string };
  if (CUT_OFF.includes(code)) return 'unexpected EOF';
  if (code === 'UND_ERR_BODY_TIMEOUT') return 'context canceled';
  if (code === 'ECONNRESET') return 'read: connection reset by peer';
  if (code === 'Z_DATA_ERROR') return `gzip: ${message}`;
  return message ?? String(error);
}

async function ask(
  { url, headers, credentials, ...wanted }: HttpRequest,
  method: 'GET' | 'HEAD',
  signal: AbortSignal,
): Promise<{ dispatcher: Dispatcher; answer: Dispatcher.ResponseData }> {
  let endpoint: URL;
  try {
    endpoint = new URL(url);
  } catch {
    throw new TransferError(`Unable to connect to http data source: unable to parse endpoint "${url}"`);
  }
  const shown = shownUrl(endpoint);
  const failed = (why: string) =>
    new TransferError(`Unable to connect to http data source: HTTP request errored: Get "${shown}": ${why}`);
  const service = serviceConnection(endpoint, wanted.reachService);
  // Behind a proxy only the proxy has to be found.
  const asked = wanted.proxy ? new URL(wanted.proxy).hostname : endpoint.hostname;
  if (!service && !mayAsk(asked)) throw failed(lookupFailure(asked));
  const dispatcher = await dispatcherFor(endpoint, wanted, service);
  try {
    const answer = await request(withoutCredentials(endpoint), {
      method,
      headers: { ...headers, ...authorization(endpoint, credentials) },
      dispatcher: dispatcher.compose(interceptors.redirect({ maxRedirections: REDIRECTIONS })),
      headersTimeout: HEADERS_TIMEOUT_MS,
      bodyTimeout: IDLE_TIMEOUT_MS,
      signal,
    });
    if (answer.statusCode === 200) return { dispatcher, answer };
    await answer.body.dump();
    const status = `${answer.statusCode} ${answer.statusText}`.trim();
    throw new TransferError(
      `Unable to connect to http data source: expected status code 200, got ${answer.statusCode}. Status: ${status}`,
    );
  } catch (error) {
    await dispatcher.destroy();
    if (error instanceof TransferError || signal.aborted) throw error;
    throw failed(networkFailure(error, endpoint));
  }
}

/** Hosts that tests may not ask answer to nobody, whatever network the machine has. */
function mayAsk(hostname: string): boolean {
  if (isLoopback(hostname)) return true;
  return process.env.PORTLIGHT_SANDBOX_REGISTRIES !== 'loopback' && !RESERVED.test(hostname);
}

async function dispatcherFor(
  { protocol }: URL,
  { trusted, insecure, proxy }: Pick<HttpRequest, 'trusted' | 'insecure' | 'proxy'>,
  service: Duplex | undefined,
): Promise<Dispatcher> {
  const tls =
    protocol === 'https:'
      ? {
          ca: [...rootCertificates, ...(await systemCertificates()), ...trusted],
          ...(insecure ? { rejectUnauthorized: false } : {}),
        }
      : {};
  if (service) return new Agent({ connect: serviceConnector(service, tls), maxResponseSize: -1 });
  if (proxy) {
    const proxyTunnel = protocol === 'https:';
    return new ProxyAgent({ uri: proxy, requestTls: tls, proxyTls: tls, proxyTunnel });
  }
  return new Agent({ connect: { ...tls, timeout: CONNECT_TIMEOUT_MS }, maxResponseSize: -1 });
}

function serviceConnection(
  { hostname, port, protocol }: URL,
  reachService: HttpRequest['reachService'],
): Duplex | undefined {
  return reachService?.(hostname, Number(port || (protocol === 'https:' ? 443 : 80)));
}

/** One connection to a service; where a redirection leads elsewhere, it is made as any other. */
function serviceConnector(service: Duplex, tls: object): buildConnector.connector {
  const elsewhere = buildConnector({ ...tls, timeout: CONNECT_TIMEOUT_MS });
  let left: Duplex | undefined = service;
  return (options, callback) => {
    const socket = left;
    left = undefined;
    if (!socket) {
      elsewhere(options, callback);
      return;
    }
    if (options.protocol !== 'https:') {
      // undici reads and writes it as any stream.
      callback(null, socket as Socket);
      return;
    }
    const secure = connect({ ...tls, socket, servername: options.hostname, ALPNProtocols: ['http/1.1'] });
    secure.once('error', (error) => callback(error, null));
    secure.once('secureConnect', () => callback(null, secure));
  };
}

async function systemCertificates(): Promise<string[]> {
  for (const bundle of SYSTEM_BUNDLES) {
    const found = await readFile(bundle, 'utf8').catch(() => undefined);
    if (found) return [found];
  }
  return [];
}

function authorization(
  { username, password }: URL,
  credentials: HttpRequest['credentials'],
): Record<string, string> {
  const pair = credentials
    ? `${credentials.user}:${credentials.password}`
    : username
      ? `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
      : undefined;
  return pair === undefined ? {} : { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

function withoutCredentials(endpoint: URL): URL {
  const bare = new URL(endpoint);
  bare.username = '';
  bare.password = '';
  return bare;
}

/** As Go shows an address in errors: the password is left out. */
function shownUrl(endpoint: URL): string {
  if (!endpoint.password) return endpoint.href;
  const shown = new URL(endpoint);
  shown.password = '***';
  return shown.href;
}

function lookupFailure(hostname: string): string {
  return `dial tcp: lookup ${hostname}: no such host`;
}

function networkFailure(error: unknown, { hostname, port, protocol }: URL): string {
  const { code, message } = error as { code?: string; message?: string };
  const address = `${hostname}:${port || (protocol === 'https:' ? '443' : '80')}`;
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return lookupFailure(hostname);
    case 'ECONNREFUSED':
      return `dial tcp ${address}: connect: connection refused`;
    case 'EHOSTUNREACH':
      return `dial tcp ${address}: connect: no route to host`;
    case 'ENETUNREACH':
      return `dial tcp ${address}: connect: network is unreachable`;
    case 'UND_ERR_CONNECT_TIMEOUT':
    case 'UND_ERR_HEADERS_TIMEOUT':
    case 'ETIMEDOUT':
      return `dial tcp ${address}: i/o timeout`;
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return 'tls: failed to verify certificate: x509: certificate signed by unknown authority';
    case 'CERT_HAS_EXPIRED':
      return 'tls: failed to verify certificate: x509: certificate has expired or is not yet valid';
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `tls: failed to verify certificate: x509: certificate is not valid for ${hostname}`;
    case 'UND_ERR_SOCKET':
    case 'ECONNRESET':
      return 'EOF';
    default:
      return message ?? String(error);
  }
}
