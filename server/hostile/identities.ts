import { randomBytes } from 'node:crypto';
import { sessionCookie } from '@/lib/auth/cookies';
import { KeyRing } from '@/lib/auth/key-ring';
import type { Ticket } from '@/lib/auth/ticket';
import type { Random } from './random';

/** What a request says about its sender, and which of a cluster's tokens that entitles it to; none for most. */
export interface Identity {
  headers: string[];
  /** By cluster. */
  entitled: Record<string, string>;
}

/** What must never be seen outside: in answers, in logs, with a cluster it is not for. */
export interface Secrets {
  dana: string;
  vic: string;
  danaElsewhere: string;
  kubeconfig: string;
  masterKey: Buffer;
}

const HOUR_MS = 3_600_000;

export function makeSecrets(): Secrets {
  const token = (name: string) => `${name}-${randomBytes(12).toString('hex')}`;
  return {
    dana: token('dana'),
    vic: token('vic'),
    danaElsewhere: token('dana-elsewhere'),
    kubeconfig: token('kubeconfig'),
    masterKey: randomBytes(32),
  };
}

/** Senders of all kinds: signed in, a program with a token of its own, and everybody who would like to be one of them. */
export class Identities {
  private constructor(
    private readonly secrets: Secrets,
    private readonly good: Record<'dana' | 'vic' | 'danaElsewhere', string>,
    private readonly bad: string[],
  ) {}

  static async make(secrets: Secrets): Promise<Identities> {
    const ring = new KeyRing([secrets.masterKey]);
    const foreign = new KeyRing();
    const now = Date.now();
    const ticket = (token: string, more: Partial<Ticket> = {}): Ticket => ({
      sid: randomBytes(8).toString('hex'),
      cluster: 'fake',
      method: 'token',
      user: 'dana',
      token,
      createdAt: now,
      seenAt: now,
      ...more,
    });
    const seal = (value: unknown, with_ = ring, purpose = 'session') => with_.seal(purpose, value);
    const own = sessionCookie('fake', false);
    const elsewhere = sessionCookie('second', false);
    const dana = await seal(ticket(secrets.dana));
    const good = {
      dana: `${own}=${dana}`,
      vic: `${own}=${await seal(ticket(secrets.vic, { user: 'vic' }))}`,
      danaElsewhere: `${elsewhere}=${await seal(ticket(secrets.danaElsewhere, { cluster: 'second' }))}`,
    };
    const parts = dana.split('.');
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    const plain = Buffer.from(JSON.stringify(ticket(secrets.dana))).toString('base64url');
    const bad = [
      // Another installation's key, another purpose, too old, idle, of another cluster, of no known method's shape.
      `${own}=${await seal(ticket(secrets.dana), foreign)}`,
      `${own}=${await seal(ticket(secrets.dana), ring, 'sign-in')}`,
      `${own}=${await seal(ticket(secrets.dana, { createdAt: now - 1_000 * HOUR_MS }))}`,
      `${own}=${await seal(ticket(secrets.dana, { seenAt: now - 1_000 * HOUR_MS }))}`,
      `${own}=${await seal(ticket(secrets.dana, { expiresAt: now - HOUR_MS }))}`,
      `${own}=${await seal(ticket(secrets.danaElsewhere, { cluster: 'second' }))}`,
      `${own}=${await seal({ token: secrets.dana })}`,
      `${own}=${await seal(null)}`,
      `${elsewhere}=${dana}`,
      // Forged, reassembled, in pieces that do not fit.
      `${own}=${none}.${plain}.`,
      `${own}=${none}..${parts.slice(2).join('.')}`,
      `${own}=${parts.toReversed().join('.')}`,
      `${own}=2~${dana}`,
      `${own}=9~${dana}; ${own}.1=x`,
      `${own}.1=${dana}`,
      `__Host-${own}=${dana}`,
      `${own.toUpperCase()}=${dana}`,
      `${own}`,
      `${own}=`,
      `${own}=garbage; ${own}=${dana}`,
      `__proto__=${dana}; constructor=${dana}`,
    ];
    return new Identities(secrets, good, bad);
  }

  pick(random: Random, id: string): Identity {
    const { secrets, good } = this;
    const kind = random.int(13);
    if (kind < 3) return { headers: [`Cookie: ${good.dana}`], entitled: { fake: secrets.dana } };
    if (kind < 5) {
      const cookie = `theme=dark; ${good.vic}; ${good.danaElsewhere}`;
      return {
        headers: [`Cookie: ${cookie}`],
        entitled: { fake: secrets.vic, second: secrets.danaElsewhere },
      };
    }
    if (kind < 7) return ofProgram(`own-${id}`);
    if (kind === 7) return both(`own-${id}`, good.dana);
    return this.pickStranger(random);
  }

  /** Somebody who is entitled to nothing. */
  pickStranger(random: Random): Identity {
    const { dana } = this.good;
    const nobody = (...headers: string[]) => ({ headers, entitled: {} });
    return random.pick([
      () => nobody(),
      () => nobody(`Cookie: ${random.pick(this.bad)}`),
      () => nobody(`Cookie: ${damaged(random, dana)}`),
      () => nobody(`Authorization: ${random.pick(WRONG_AUTHORIZATIONS)}`),
      () => nobody(`Cookie: ${random.bytes(30).replaceAll(/[^\x21-\x7e]/g, '')}`),
    ])();
  }
}

function ofProgram(token: string): Identity {
  return { headers: [`Authorization: Bearer ${token}`], entitled: { fake: token, second: token } };
}

/** A token that comes with the request counts more than the browser's session. */
function both(token: string, cookie: string): Identity {
  const { headers, entitled } = ofProgram(token);
  return { headers: [...headers, `Cookie: ${cookie}`], entitled };
}

/** One character of the sealed part is another one. */
function damaged(random: Random, cookie: string): string {
  const from = cookie.indexOf('=') + 1;
  // The last character of base64url may hold bits that count for nothing.
  const at = from + random.int(cookie.length - from - 2);
  const other = cookie[at] === 'A' ? 'B' : 'A';
  return random.chance(0.5) ? cookie.slice(0, at) : cookie.slice(0, at) + other + cookie.slice(at + 1);
}

const WRONG_AUTHORIZATIONS = [
  'Basic YWRtaW46YWRtaW4=',
  'Bearer',
  'Bearer ',
  'Bearer a b',
  'Bearer ä',
  'Bearer a,b',
  'Negotiate abc',
  'Digest username="admin"',
];
