import type { IncomingMessage, ServerResponse } from 'node:http';

const VARY_PREFLIGHT = 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers';
const METHODS = ['HEAD', 'GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/**
 * Lets pages of any origin send what they like, and answers a browser's question beforehand; true when that was all
 * that was asked. Mirrors cors.AllowAll of github.com/rs/cors.
 */
export function allowAll({ method, headers }: IncomingMessage, response: ServerResponse): boolean {
  const { origin } = headers;
  const wanted = headers['access-control-request-method'];
  const isPreflight = method === 'OPTIONS' && wanted !== undefined;
  response.setHeader('Vary', isPreflight ? VARY_PREFLIGHT : 'Origin');
  const isAllowed = METHODS.includes(isPreflight ? wanted.toUpperCase() : (method ?? ''));
  if (origin !== undefined && isAllowed) {
    response.setHeader('Access-Control-Allow-Origin', '*');
    if (isPreflight) {
      response.setHeader('Access-Control-Allow-Methods', wanted.toUpperCase());
      const fields = headers['access-control-request-headers'];
      if (fields) response.setHeader('Access-Control-Allow-Headers', fields);
    }
  }
  if (isPreflight) response.writeHead(204).end();
  return isPreflight;
}
