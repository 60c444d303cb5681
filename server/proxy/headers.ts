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
];
const NOT_FORWARDED_PREFIX = /^(impersonate-|x-remote-|x-forwarded-|sec-fetch-|sec-ch-)/;

/** What must not reach the browser: it would set cookies, ask for passwords or open our origin to others. */
const NOT_RETURNED = ['set-cookie', 'www-authenticate', 'strict-transport-security', 'alt-svc'];
const NOT_RETURNED_PREFIX = /^access-control-/;

/** A bearer token smuggled in as a WebSocket sub-protocol; kubectl and dashboards do so. */
const TOKEN_PROTOCOL = /^base64url\.bearer\.authorization\.k8s\.io\./;

/** Raw headers as Node gives them: names and values in turn. */
export type RawHeaders = readonly string[];

/** What of a client's headers goes to the cluster, with the credentials put in. */
export function requestHeaders(raw: RawHeaders, credentials: Record<string, string>): string[] {
  const dropped = new Set([...HOP_BY_HOP, ...NOT_FORWARDED, ...namedByConnection(raw)]);
  const kept = pairs(raw).flatMap(([name, value]) => {
    const key = name.toLowerCase();
    if (dropped.has(key) || NOT_FORWARDED_PREFIX.test(key)) return [];
    if (key !== 'sec-websocket-protocol') return [name, value];
    const protocols = value.split(/\s*,\s*/).filter((protocol) => !TOKEN_PROTOCOL.test(protocol));
    return protocols.length > 0 ? [name, protocols.join(', ')] : [];
  });
  return [...kept, ...Object.entries(credentials).flat()];
}

/** What of the cluster's headers goes to the client. */
export function responseHeaders(raw: RawHeaders): string[] {
  const dropped = new Set([...HOP_BY_HOP, ...NOT_RETURNED, ...namedByConnection(raw)]);
  const kept = pairs(raw).flatMap(([name, value]) => {
    const key = name.toLowerCase();
    return dropped.has(key) || NOT_RETURNED_PREFIX.test(key) ? [] : [name, value];
  });
  return [...kept, ...GUARDS];
}

/**
 * A cluster can serve any HTML through this origin (the API proxies to services and pods). Opened in a tab, it must
 * not run as a part of the console.
 */
const GUARDS = [
  'content-security-policy',
  "sandbox; default-src 'none'",
  'x-content-type-options',
  'nosniff',
  'cross-origin-resource-policy',
  'same-origin',
];

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
