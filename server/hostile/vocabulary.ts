import type { Random } from './random';

/** Methods that there are, that there were, and that there are not. */
export const METHODS = [
  'GET',
  'HEAD',
  'OPTIONS',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'TRACE',
  'CONNECT',
  'PROPFIND',
  'PURGE',
  'get',
  'GE T',
  'G\0T',
  '',
];

/** What a browser sends when another site's page asks. */
export const FOREIGN_HEADERS = [
  'Origin: http://evil.example',
  'Origin: null',
  'Origin: http://127.0.0.1',
  'Origin: https://127.0.0.1.evil.example',
  'Sec-Fetch-Site: cross-site',
  'Sec-Fetch-Site: same-site',
  'User-Agent: Mozilla/5.0 (no origin at all)',
  'Origin:',
];

const SPACES = [' ', '\t', '\x0b', '\x0c', ''];

/** Lines that try to be somebody else, to be read twice, or to be too much. */
export const HOSTILE_HEADERS: readonly ((random: Random) => string)[] = [
  () => 'Impersonate-User: system:admin',
  () => 'Impersonate-Group: system:masters',
  () => 'impersonate-extra-scopes: all',
  () => 'Impersonate_User: system:admin',
  () => 'X-Remote-User: system:admin',
  () => 'X_Remote_Group: system:masters',
  () => 'X-Forwarded-For: 10.0.0.1',
  () => 'X-Forwarded-Proto: https',
  () => 'X-Forwarded-Host: evil.example',
  () => 'Forwarded: for=10.0.0.1;host=evil.example',
  () => 'X-Original-URL: /api/v1/secrets',
  () => 'X-HTTP-Method-Override: DELETE',
  () => 'Proxy-Authorization: Basic YWRtaW46YWRtaW4=',
  () => 'Connection: close, Authorization',
  () => 'Connection: x-forwarded-for, cookie, host',
  () => 'TE: trailers, chunked',
  () => 'Trailer: Authorization',
  () => 'Expect: 100-continue',
  () => 'Expect: something',
  () => 'Range: bytes=0-,0-,0-,0-',
  () => 'User-Agent: a) (b\\) portlight/9',
  (random) => `User-Agent: ${random.bytes(60).replaceAll(/[\r\n]/g, '')}`,
  () => 'User-Agent: a\r\n x-injected: 1',
  () => 'X-Fold: a\r\n\tx-injected: 1',
  () => 'X-Null: a\0b',
  () => 'X-Return: a\rx-injected: 1',
  () => 'X-Newline: a%0d%0ax-injected: 1',
  (random) => `X-Space${random.pick(SPACES)}: a`,
  () => 'No colon here',
  () => ': no name',
  (random) => `X-Bytes: ${random.bytes(40).replaceAll(/[\r\n]/g, '')}`,
  (random) => `X-Long: ${'a'.repeat(random.int(80_000))}`,
  (random) =>
    Array.from({ length: random.int(300) }, (_, index) => `X-Many-${index}: 1`).join('\r\n') || 'X-Many: 1',
  () => 'Host: evil.example',
  () => 'Transfer-Encoding: identity',
  () => 'Content-Length: -1',
  () => 'Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA',
  () => 'Accept-Encoding: gzip, deflate, br',
  () => 'If-None-Match: *',
];

/** Bodies that hide a second request from whoever reads their length in another way. */
export const SMUGGLED: readonly ((hidden: string) => { headers: string[]; body: string })[] = [
  (hidden) => ({ headers: ['Content-Length: 6', 'Transfer-Encoding: chunked'], body: `0\r\n\r\n${hidden}` }),
  (hidden) => ({ headers: ['Transfer-Encoding: chunked', 'Content-Length: 6'], body: `0\r\n\r\n${hidden}` }),
  (hidden) => ({ headers: ['Content-Length: 0', `Content-Length: ${hidden.length}`], body: hidden }),
  (hidden) => ({ headers: [`Content-Length: ${hidden.length}, 0`], body: hidden }),
  (hidden) => ({ headers: [`Content-Length: ${hidden.length}`], body: hidden }),
  (hidden) => ({ headers: [`Content-Length: +${hidden.length}`], body: hidden }),
  (hidden) => ({ headers: [`Content-Length: 0x${hidden.length.toString(16)}`], body: hidden }),
  (hidden) => ({ headers: ['Transfer-Encoding: xchunked', 'Content-Length: 0'], body: hidden }),
  (hidden) => ({ headers: ['Transfer-Encoding : chunked'], body: `0\r\n\r\n${hidden}` }),
  (hidden) => ({ headers: ['Transfer-Encoding: chunked, identity'], body: `0\r\n\r\n${hidden}` }),
  (hidden) => ({ headers: ['Transfer-Encoding:\x0bchunked'], body: `0\r\n\r\n${hidden}` }),
  (hidden) => ({
    headers: ['Transfer-Encoding: chunked', 'Transfer-Encoding: x'],
    body: `0\r\n\r\n${hidden}`,
  }),
  (hidden) => ({ headers: ['X: y\r\n Transfer-Encoding: chunked'], body: `0\r\n\r\n${hidden}` }),
  (hidden) => ({
    headers: ['Transfer-Encoding: chunked'],
    body: `${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`,
  }),
  (hidden) => ({ headers: ['Transfer-Encoding: chunked'], body: `FFFFFFFFFFFFFFFFF\r\n${hidden}` }),
  (hidden) => ({ headers: ['Transfer-Encoding: chunked'], body: `0;${'a'.repeat(20_000)}\r\n\r\n${hidden}` }),
  (hidden) => ({ headers: ['Transfer-Encoding: chunked'], body: `0\nx: y\n\n${hidden}` }),
  (hidden) => ({
    headers: ['Connection: Upgrade', 'Upgrade: websocket', `Content-Length: ${hidden.length}`],
    body: hidden,
  }),
];

const SEGMENTS = [
  '..',
  '.',
  '%2e%2e',
  '.%2E',
  '%252e%252e',
  '..%2f',
  '%2f',
  '%5c..',
  '..\\',
  '\\',
  '%00',
  '%0d%0ax-injected:%201',
  '%',
  '%zz',
  'ä',
  '\u00ff\u00fe',
  '@evil.example',
  'user:pass@evil.example',
  ';jsessionid=1',
  '..;',
  'http:',
  '#x',
  ' ',
  'a b',
  '\t',
  '~',
  '*',
  'secrets',
  'proxy',
  '',
];

/** A request target that would like to be another path, another cluster or another host. */
export function hostilePath(random: Random, host: string): string {
  const cluster = random.pick([
    'fake',
    'fake',
    'second',
    'fake%2f..%2fsecond',
    '..',
    'fake@second',
    'fake:443',
    'fake?x',
    '%66ake',
  ]);
  const rest = Array.from({ length: 1 + random.int(5) }, () => random.pick(SEGMENTS)).join('/');
  const path = `/api/k8s/${cluster}/api/v1/${rest}`;
  return random.pick([
    () => path,
    () => path,
    () => path,
    () => random.mutate(path).replaceAll(/[\r\n ]/g, ''),
    () =>
      `${path}?${random.pick(['a=%0d%0ax-injected:1', 'watch=1&x=../..', '?', 'a=b#c', '\'"<script>', '\u00e9'])}`,
    () => `http://${host}${path}`,
    () => `http://evil.example${path}`,
    () => `http://user@${host}${path}`,
    () => `/${path}`,
    () => `//evil.example${path}`,
    () =>
      path.replace(
        '/api/k8s',
        random.pick(['/API/K8S', '/api/./k8s', '/api//k8s', '/x/../api/k8s', '/api%2fk8s']),
      ),
    () => `/api/k8s/${cluster}`,
    () => `/api/k8s/fake/${'a/'.repeat(random.int(6_000))}`,
    () => `${path}/https://evil.example/`,
  ])();
}
