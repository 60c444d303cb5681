import type { IncomingMessage, ServerResponse } from 'node:http';
import { addressKey, clientAddress } from './client-address';
import { RateLimit } from './rate-limit';
import type { Refusal } from './status';

/** Everything below /auth/, the state of the session included, which pages ask for as people look at them. */
const ALL = { burst: 300, perSecond: 20 };
/** Attempts to sign in that did not succeed. */
const ATTEMPTS = { burst: 20, perSecond: 0.2 };
const SIGN_IN = /^\/(auth(\/|$)|start$)/;
const ATTEMPT = /^\/(start$|auth\/(callback$|back-channel\/|c\/[^/]+\/(token$|start\/)))/;

/**
 * Slows down who tries tokens, codes and start-up tokens one after the other. By address alone: whose account a token is
 * of, only the cluster knows, once it is good.
 */
export class SignInRate {
  private readonly all = new RateLimit(ALL);
  private readonly attempts = new RateLimit(ATTEMPTS);

  /** What keeps this request from the sign-in. An attempt that ends well does not count. */
  check(request: IncomingMessage, response: ServerResponse): Refusal | undefined {
    const path = (request.url ?? '').split('?', 1)[0] ?? '';
    if (!SIGN_IN.test(path)) return undefined;
    const key = addressKey(clientAddress(request));
    const isAttempt = ATTEMPT.test(path);
    const wait = this.all.take(key) || (isAttempt ? this.attempts.take(key) : 0);
    if (wait > 0) return tooMany(response, wait);
    if (isAttempt) {
      response.once('finish', () => {
        if (response.statusCode < 400) this.attempts.giveBack(key);
      });
    }
    return undefined;
  }
}

function tooMany(response: ServerResponse, seconds: number): Refusal {
  response.setHeader('Retry-After', String(seconds));
  return {
    code: 429,
    reason: 'TooManyRequests',
    message: `There were too many attempts to sign in. The next one is taken in ${seconds} s.`,
  };
}
