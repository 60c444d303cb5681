import { describe, expect, it } from 'vitest';
import { errorFromBody } from './error';

const ASKED = { method: 'PUT', path: '/apis' };

describe('errorFromBody', () => {
  it('says when to try again, from the Status or from the header', () => {
    const status = { kind: 'Status', code: 429, message: 'slow down', details: { retryAfterSeconds: 3 } };
    expect(errorFromBody(429, JSON.stringify(status), ASKED, '9').retryAfterSeconds).toBe(3);
    expect(errorFromBody(429, 'slow down', ASKED, '9')).toMatchObject({
      reason: 'TooManyRequests',
      message: 'slow down',
      retryAfterSeconds: 9,
    });
    expect(errorFromBody(503, '', ASKED, 'Sun, 22 Nov 2026 22:00:00 GMT').retryAfterSeconds).toBeUndefined();
  });
});
