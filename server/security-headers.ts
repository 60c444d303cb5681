import type { ServerResponse } from 'node:http';

const YEAR_S = 31_536_000;

/** Devices and powers that no page of the console uses, so that nothing injected can ask for them either. */
const UNUSED_FEATURES = [
  'accelerometer',
  'autoplay',
  'camera',
  'geolocation',
  'gyroscope',
  'hid',
  'magnetometer',
  'microphone',
  'midi',
  'payment',
  'serial',
  'usb',
];

/** For answers that are no page: nothing in them may run, load or be framed. */
export const NO_PAGE_POLICY =
  "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/**
 * What stands on every answer of this server: pages, files, JSON, errors, also on what it passes on from a cluster.
 * Pages replace the policy by their own (proxy.ts); it is closed until then.
 */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': NO_PAGE_POLICY,
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Origin-Agent-Cluster': '?1',
  'Permissions-Policy': UNUSED_FEATURES.map((feature) => `${feature}=()`).join(', '),
  'Referrer-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
};

/** Behind TLS the browser is told to come back by TLS only. */
export function securityHeaders(secure: boolean): Record<string, string> {
  return secure
    ? { ...SECURITY_HEADERS, 'Strict-Transport-Security': `max-age=${YEAR_S}` }
    : SECURITY_HEADERS;
}

/** Sets them before anybody else writes to the response. Nothing is to be stored unless who answers says otherwise. */
export function setSecurityHeaders(response: ServerResponse, secure: boolean): void {
  for (const [name, value] of Object.entries(securityHeaders(secure))) response.setHeader(name, value);
  response.setHeader('Cache-Control', 'no-store');
}
