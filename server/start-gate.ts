import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Cluster } from '@/lib/auth/cluster';
import type { KeyRing } from '@/lib/auth/key-ring';
import { isSingleUser } from '@/lib/auth/sign-in-method';
import { fingerprint } from '@/lib/auth/ticket';
import { type Browser, browserOf } from './auth/visitor';
import { isSecure } from './client-address';
import type { Refusal } from './status';

export const START_PATH = '/start';
const PURPOSE = 'start';
const COOKIE = /^(__Host-)?portlight-start-\d{1,5}$/;
/** Other consoles of the same host have such cookies too: browsers do not keep ports apart. */
const MAX_COOKIES = 32;

export interface StartGateOptions {
  ring: KeyRing;
  clusters: () => readonly Cluster[];
  /** Undefined: nobody gets through (the console was started without --allow-remote). */
  token: string | undefined;
}

/**
 * Lets nobody act with a kubeconfig's credentials from another machine but those who have the start-up link. Opening it
 * leaves a cookie, which is good until the browser closes or the console starts with another token.
 */
export class StartGate {
  private readonly id: string;

  constructor(private readonly options: StartGateOptions) {
    this.id = fingerprint('start', options.token ?? '');
  }

  /** Whether a browser has opened the link. */
  async knows({ cookies, secure }: Browser): Promise<boolean> {
    const { token, ring } = this.options;
    if (token === undefined) return false;
    const named = [...cookies].filter(([name]) => COOKIE.test(name) && name.startsWith('__Host-') === secure);
    for (const [, sealed] of named.slice(0, MAX_COOKIES)) {
      const opened = await ring.open(PURPOSE, sealed);
      // What the ring opens was sealed by us, for this purpose.
      if ((opened as { id?: unknown } | undefined)?.id === this.id) return true;
    }
    return false;
  }

  /**
   * What keeps a request out. Where people can sign in, everybody is let in: who has not opened the link gets no
   * credentials of a kubeconfig then, see Visitor.
   */
  async check(request: IncomingMessage): Promise<Refusal | undefined> {
    const clusters = this.options.clusters();
    if (!clusters.every(({ methods }) => isSingleUser(methods))) return undefined;
    if (await this.knows(browserOf(request, isSecure(request)))) return undefined;
    return { code: 401, reason: 'StartLinkNeeded', message: LINK_NEEDED };
  }

  /** `GET /start?token=…`: the token leaves the address at once. */
  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { ring, token } = this.options;
    const given = new URLSearchParams((request.url ?? '').split('?')[1] ?? '').get('token') ?? '';
    if (token === undefined || !isSame(given, token)) {
      sendStartPage(response, 'This is not the link of the console that runs now.');
      return;
    }
    const secure = isSecure(request);
    // The port as the browser sees it, so that a restart replaces its own cookie and no other console's.
    const port = /:(\d{1,5})$/.exec(request.headers.host ?? '')?.[1] ?? (secure ? '443' : '80');
    const name = `${secure ? '__Host-' : ''}portlight-start-${port}`;
    const sealed = await ring.seal(PURPOSE, { id: this.id });
    response.writeHead(302, {
      location: '/',
      'set-cookie': `${name}=${sealed}; Path=/; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`,
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
    });
    response.end();
  }
}

const LINK_NEEDED =
  'This console acts with the credentials of whoever started it. Open it with the link that it printed then: it ends in /start?token= and the token.';

/** All that a browser without the cookie gets to see. */
export function sendStartPage(response: ServerResponse, what = ''): void {
  const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>Portlight: open it with its link</title>
<h1>Open Portlight with its link</h1>
<p>${[what, LINK_NEEDED].filter(Boolean).join(' ')}</p>
<p>The link stands in the terminal or the log of npm start. With PORTLIGHT_START_TOKEN_FILE the token is in that file.</p>
</html>
`;
  response.writeHead(401, {
    'content-type': 'text/html; charset=utf-8',
    'content-length': Buffer.byteLength(page),
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
  });
  response.end(page);
}

/** Takes as long wherever two texts differ. */
function isSame(given: string, wanted: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}
