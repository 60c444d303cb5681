import { describe, expect, it } from 'vitest';
import { requestHeaders, responseHeaders } from './headers';

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
});
