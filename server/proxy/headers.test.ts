import { describe, expect, it } from 'vitest';
import type { CredentialHeaders } from '@/lib/auth/cluster';
import { requestHeaders as allRequestHeaders, responseHeaders } from './headers';
import { userAgent } from './user-agent';

/** Without the name that the console gives itself. */
function requestHeaders(raw: string[], credentials: CredentialHeaders): string[] {
  const headers = allRequestHeaders(raw, credentials);
  const at = headers.indexOf('User-Agent');
  return headers.toSpliced(at, 2);
}

describe('requestHeaders', () => {
  it('drops what is of one connection, and what Connection names', () => {
    const raw = [
      'Connection',
      'close, X-Secret',
      'X-Secret',
      '1',
      'TE',
      'trailers',
      'Accept',
      '*/*',
      'X-Own',
      'a',
      'X-Own',
      'b',
    ];
    expect(requestHeaders(raw, {})).toEqual(['Accept', '*/*', 'X-Own', 'a', 'X-Own', 'b']);
  });

  it('lets nobody say who they are', () => {
    const raw = [
      ...['AUTHORIZATION', 'Bearer x', 'Impersonate-User', 'root', 'Impersonate-Extra-scopes', 'all'],
      ...[
        'X-Remote-Group',
        'system:masters',
        'Cookie',
        'a=b',
        'X-Forwarded-For',
        '10.0.0.1',
        'Origin',
        'http://x',
      ],
    ];
    expect(requestHeaders(raw, { Authorization: 'Bearer ours' })).toEqual(['Authorization', 'Bearer ours']);
  });

  it('lets nobody hide behind another spelling', () => {
    const raw = [
      'Impersonate_User',
      'root',
      'x_Remote-user',
      'root',
      'AUTHORIZATION',
      'x',
      'X-Original-URL',
      '/',
    ];
    expect(requestHeaders(raw, {})).toEqual([]);
  });

  it('writes a header for each value of its own, which Connection cannot take away', () => {
    const raw = ['Connection', 'Impersonate-User, Impersonate-Group', 'impersonate-GROUP', 'root'];
    const own = { 'Impersonate-User': 'dana', 'Impersonate-Group': ['a', 'b, c'] };
    expect(requestHeaders([...raw, 'IMPERSONATE-uid', '0', 'Impersonate-Extra-a%2Fb', '1'], own)).toEqual([
      'Impersonate-User',
      'dana',
      'Impersonate-Group',
      'a',
      'Impersonate-Group',
      'b, c',
    ]);
  });

  it('gives its own name, and in parentheses that of the program', () => {
    const headers = allRequestHeaders(['User-Agent', 'kubectl/v1.36 (linux)', 'user-agent', 'second'], {});
    expect(headers).toEqual(['User-Agent', userAgent('kubectl/v1.36 (linux)')]);
  });

  it('takes tokens out of the sub-protocols', () => {
    const token = 'base64url.bearer.authorization.k8s.io.YWJj';
    expect(requestHeaders(['Sec-WebSocket-Protocol', `${token}, v5.channel.k8s.io`], {})).toEqual([
      'Sec-WebSocket-Protocol',
      'v5.channel.k8s.io',
    ]);
    expect(requestHeaders(['Sec-WebSocket-Protocol', token], {})).toEqual([]);
  });
});

describe('responseHeaders', () => {
  it('passes warnings and types, and keeps cookies and password prompts away', () => {
    const raw = [
      'Warning',
      '299 - "a"',
      'Set-Cookie',
      'a=b',
      'WWW-Authenticate',
      'Basic',
      'Access-Control-Allow-Origin',
      '*',
    ];
    const kept = responseHeaders(raw);
    expect(kept.slice(0, 2)).toEqual(['Warning', '299 - "a"']);
    expect(kept).not.toContain('Set-Cookie');
    expect(kept).not.toContain('*');
    expect(kept).not.toContain('Basic');
  });

  const headersOf = (raw: string[], context = {}) => {
    const all = responseHeaders(raw, context);
    return all
      .filter((_, index) => index % 2 === 0)
      .map((name, index) => `${name.toLowerCase()}: ${all[2 * index + 1]}`);
  };

  it.each([
    'Refresh',
    'Location',
    'Clear-Site-Data',
    'Service-Worker-Allowed',
    'Report-To',
    'Link',
    'Content-Security-Policy',
    'Content-Security-Policy-Report-Only',
    'Cross-Origin-Opener-Policy',
    'X-Frame-Options',
    'Expires',
  ])("lets a cluster's answer have no power over this origin: %s", (name) => {
    const kept = headersOf([name, 'theirs']);
    expect(kept.filter((line) => line.endsWith(': theirs'))).toEqual([]);
    expect(kept.filter((line) => line.startsWith(`${name.toLowerCase()}:`)).length).toBeLessThanOrEqual(1);
  });

  it('is sandboxed, stored nowhere, and behind TLS says so', () => {
    const raw = ['Cache-Control', 'public, immutable'];
    expect(headersOf(raw)).toContain('cache-control: no-store');
    expect(headersOf(raw, { cacheable: true })).toContain(
      'cache-control: private, max-age=31536000, immutable',
    );
    expect(headersOf(['Cache-Control', 'no-cache'], { cacheable: true })).toContain(
      'cache-control: no-store',
    );
    expect(headersOf([]).join()).toMatch(/content-security-policy: sandbox; default-src 'none'/);
    expect(headersOf([]).join()).not.toContain('strict-transport');
    expect(headersOf([], { secure: true }).join()).toContain('strict-transport-security: max-age=');
    expect(headersOf([], { location: '/api/k8s/a/b' })).toContain('location: /api/k8s/a/b');
  });
});
