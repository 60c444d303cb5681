import { request } from 'undici';
import { pullFailure } from '../controllers/images';
import { parseImage } from '../registry/reference';

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;
const TIMEOUT_MS = 10_000;

export type Finding = { bytes: number | undefined } | { failure: string };

/**
 * Looks for what an importer is to read, and says in its words why it cannot. Registries have the images that the nodes
 * can pull; a web server is asked where it can be one, on the loopback interface; no other host can be resolved.
 */
export async function findSource(kind: string, endpoint: string): Promise<Finding> {
  switch (kind) {
    case 'none':
      return { bytes: 0 };
    case 'registry':
      return findImage(endpoint);
    case 'http':
      return findUrl('http', endpoint);
    case 's3':
    case 'gcs':
    case 'imageio':
    case 'vddk':
      return { failure: connectFailure(kind, endpoint, lookupFailure(hostOf(endpoint))) };
    default:
      return { failure: `Unknown source: ${kind}` };
  }
}

function findImage(endpoint: string): Finding {
  const transfer =
    'Unable to process data: Unable to transfer source data to scratch space: Failed to read registry image';
  if (!endpoint.startsWith('docker://')) return { bytes: undefined };
  const reference = endpoint.slice('docker://'.length);
  if (!pullFailure(reference, { bootable: true })) return { bytes: undefined };
  const { host, repository, tag } = parseImage(reference);
  const unresolved = pullFailure(reference, { bootable: true })?.includes('no such host');
  const why = unresolved
    ? `pinging container registry ${host}: Get "https://${host}/v2/": ${lookupFailure(host)}`
    : `reading manifest ${tag} in ${host}/${repository}: manifest unknown`;
  return { failure: `${transfer}: Could not create image reference: ${why}` };
}

async function findUrl(kind: string, endpoint: string): Promise<Finding> {
  const host = hostOf(endpoint);
  if (!LOOPBACK.test(host)) return { failure: connectFailure(kind, endpoint, lookupFailure(host)) };
  try {
    const { statusCode, headers, body } = await request(endpoint, {
      method: 'GET',
      headersTimeout: TIMEOUT_MS,
      bodyTimeout: TIMEOUT_MS,
    });
    if (statusCode !== 200) {
      await body.dump();
      const text = `expected status code 200, got ${statusCode}. Status: ${statusCode} ${statusText(statusCode)}`;
      return { failure: `Unable to connect to http data source: ${text}` };
    }
    const length = Number(headers['content-length']);
    let bytes = 0;
    for await (const chunk of body) bytes += (chunk as Buffer).length;
    if (Number.isFinite(length) && bytes < length) {
      return { failure: 'Unable to process data: unexpected EOF' };
    }
    return { bytes };
  } catch (error) {
    return { failure: connectFailure(kind, endpoint, networkError(error, endpoint)) };
  }
}

function connectFailure(kind: string, endpoint: string, why: string): string {
  return `Unable to connect to ${kind} data source: HTTP request errored: Get "${endpoint}": ${why}`;
}

function lookupFailure(host: string): string {
  return `dial tcp: lookup ${host.replace(/:\d+$/, '')}: no such host`;
}

function networkError(error: unknown, endpoint: string): string {
  const { code } = error as { code?: string };
  const { hostname, port, protocol } = new URL(endpoint);
  const address = `${hostname}:${port || (protocol === 'https:' ? '443' : '80')}`;
  if (code === 'ECONNREFUSED') return `dial tcp ${address}: connect: connection refused`;
  if (code === 'UND_ERR_HEADERS_TIMEOUT') return `dial tcp ${address}: i/o timeout`;
  return error instanceof Error ? error.message : String(error);
}

function hostOf(endpoint: string): string {
  try {
    return new URL(endpoint).hostname;
  } catch {
    return endpoint;
  }
}

function statusText(code: number): string {
  return (
    { 401: 'Unauthorized', 403: 'Forbidden', 404: 'Not Found', 500: 'Internal Server Error' }[code] ?? ''
  );
}
