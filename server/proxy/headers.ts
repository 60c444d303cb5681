import type { CredentialHeaders } from '@/lib/auth/cluster';
import { NO_PAGE_POLICY, securityHeaders } from '../security-headers';
import { userAgent } from './user-agent';

/** Headers of one connection only (RFC 9110 section 7.6.1), whatever Connection names besides. */
const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/** What must not reach the cluster: who the caller is, is decided here, and the browser's context is its own. */
const NOT_FORWARDED = [
  'authorization',
  'cookie',
  'expect',
  'forwarded',
  'host',
  'http2-settings',
  'origin',
  'referer',
  'user-agent',
  'via',
  'x-real-ip',
];
const NOT_FORWARDED_PREFIX =
  /^(impersonate-|x-remote-|x-forwarded-|x-original-|x-client-|x-auth-|ssl-|sec-fetch-|sec-ch-)/;

/**
 * What must not reach the browser: it would set or clear cookies, ask for passwords, send the page elsewhere, report to
 * others, or open our origin. Where a redirect leads is looked at before (redirect.ts).
 */
const NOT_RETURNED = [
  'accept-ch',
  'alt-svc',
  'cache-control',
  'clear-site-data',
  'content-location',
  'critical-ch',
  'expires',
  'link',
  'location',
  'nel',
  'origin-agent-cluster',
  'permissions-policy',
  'pragma',
  'referrer-policy',
  'refresh',
  'report-to',
  'reporting-endpoints',
  'service-worker-allowed',
  'set-cookie',
  'set-cookie2',
  'sourcemap',
  'speculation-rules',
  'strict-transport-security',
  'timing-allow-origin',
  'use-as-dictionary',
  'www-authenticate',
  'x-content-type-options',
  'x-frame-options',
  'x-sourcemap',
];
const NOT_RETURNED_PREFIX = /^(access-control-|content-security-policy|cross-origin-|document-policy)/;

/** A bearer token smuggled in as a WebSocket sub-protocol; kubectl and dashboards do so. */
const TOKEN_PROTOCOL = /^base64url\.bearer\.authorization\.k8s\.io\./;

/** Raw headers as Node gives them: names and values in turn. */
export type RawHeaders = readonly string[];

/** What of a client's headers goes to the cluster, with the credentials put in. */
export function requestHeaders(raw: RawHeaders, credentials: CredentialHeaders): string[] {
  const dropped = new Set([...HOP_BY_HOP, ...NOT_FORWARDED, ...namedByConnection(raw)]);
  const kept = pairs(raw).flatMap(([name, value]) => {
    // To many a gateway an underscore is a hyphen.
    const key = name.toLowerCase().replaceAll('_', '-');
    if (dropped.has(key) || NOT_FORWARDED_PREFIX.test(key)) return [];
    if (key !== 'sec-websocket-protocol') return [name, value];
    const protocols = value.split(/\s*,\s*/).filter((protocol) => !TOKEN_PROTOCOL.test(protocol));
    return protocols.length > 0 ? [name, protocols.join(', ')] : [];
  });
  return [
    ...kept,
    'User-Agent',
    userAgent(headerOf(raw, 'user-agent')),
    ...Object.entries(credentials).flatMap(([name, value]) => [value].flat().flatMap((each) => [name, each])),
  ];
}

/** What is known of an answer beside its headers. */
export interface AnswerContext {
  /** The browser speaks TLS. */
  secure?: boolean;
  /** Where it may go on, for a redirect or a new object: a path of this server. */
  location?: string | undefined;
  /** The same for everybody and named by its content, as the API's own description is. */
  cacheable?: boolean;
}

/** What of the cluster's headers goes to the client. */
export function responseHeaders(
  raw: RawHeaders,
  { secure = false, location, cacheable = false }: AnswerContext = {},
): string[] {
  const dropped = new Set([...HOP_BY_HOP, ...NOT_RETURNED, ...namedByConnection(raw)]);
  const kept = pairs(raw).flatMap(([name, value]) => {
    const key = name.toLowerCase();
    return dropped.has(key) || NOT_RETURNED_PREFIX.test(key) ? [] : [name, value];
  });
  const isImmutable = /\bimmutable\b/.test(headerOf(raw, 'cache-control') ?? '');
  const guards = {
    ...securityHeaders(secure),
    'Content-Security-Policy': SANDBOX_POLICY,
    'Cache-Control': cacheable && isImmutable ? 'private, max-age=31536000, immutable' : 'no-store',
    ...(location === undefined ? {} : { Location: location }),
  };
  return [...kept, ...Object.entries(guards).flat()];
}

/** The value of a header that there is once. */
export function headerOf(raw: RawHeaders, wanted: string): string | undefined {
  return pairs(raw).find(([name]) => name.toLowerCase() === wanted)?.[1];
}

/**
 * A cluster can serve any HTML through this origin (the API proxies to services and pods). Opened in a tab, it must
 * not run as a part of the console.
 */
const SANDBOX_POLICY = `sandbox; ${NO_PAGE_POLICY}`;

function namedByConnection(raw: RawHeaders): string[] {
  return pairs(raw)
    .filter(([name]) => name.toLowerCase() === 'connection')
    .flatMap(([, value]) => value.toLowerCase().split(/\s*,\s*/));
}

function pairs(raw: RawHeaders): [string, string][] {
  const result: [string, string][] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    result.push([String(raw[index]), String(raw[index + 1])]);
  }
  return result;
}
