import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import type { Refusal } from './status';

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);
const READS = new Set(['GET', 'HEAD', 'OPTIONS']);

export interface HostRules {
  /** Further names under which browsers reach this server. */
  names: string[];
  /** The server listens beyond loopback: its addresses count too. Names do not: a foreign name may point here. */
  remote: boolean;
}

/**
 * Refuses requests whose Host is none of ours. Without this, a page of any site could point its own name at
 * 127.0.0.1 (DNS rebinding) and would then be of the same origin as the console.
 */
export function checkHost(headers: IncomingHttpHeaders, rules: HostRules): Refusal | undefined {
  const name = hostName(headers.host);
  if (name && (LOOPBACK.has(name) || rules.names.includes(name))) return undefined;
  if (name && rules.remote && isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0) return undefined;
  return {
    code: 403,
    reason: 'Forbidden',
    message: `This server does not answer to the name "${headers.host ?? ''}". Open it as 127.0.0.1, or start it with --allowed-host.`,
  };
}

/**
 * Refuses what another site's page makes a browser send. Browsers name the origin on every upgrade and every write;
 * programs such as kubectl name none, and cannot be abused this way.
 */
export function checkOrigin(
  method: string,
  headers: IncomingHttpHeaders,
  isUpgrade: boolean,
): Refusal | undefined {
  const { origin, host } = headers;
  const site = headers['sec-fetch-site'];
  const foreign = {
    code: 403,
    reason: 'Forbidden',
    message: `Requests from ${origin && origin !== 'null' ? origin : 'another site'} are not accepted.`,
  };
  if (origin !== undefined && !isSameHost(origin, host)) return foreign;
  if (site !== undefined && site !== 'same-origin' && !(site === 'none' && READS.has(method))) return foreign;
  const isWrite = isUpgrade || !READS.has(method);
  const isBrowser = /^Mozilla\//.test(headers['user-agent'] ?? '');
  if (isWrite && isBrowser && origin === undefined && site === undefined) return foreign;
  return undefined;
}

/** The name without its port, lower case; undefined when there is none or it is malformed. */
function hostName(host: string | undefined): string | undefined {
  if (!host || !/^[\w.:[\]-]+$/.test(host) || !URL.canParse(`http://${host}`)) return undefined;
  return new URL(`http://${host}`).hostname;
}

function isSameHost(origin: string, host: string | undefined): boolean {
  // Behind a proxy that ends TLS the origin is https and our own is http, so only name and port count.
  return URL.canParse(origin) && new URL(origin).host === host?.toLowerCase();
}
