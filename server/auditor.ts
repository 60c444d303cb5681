import type { IncomingMessage, ServerResponse } from 'node:http';
import { type AuditEntry, type AuditEvent, type AuditLog, describeTarget, outcomeOf } from './audit-log';
import type { Visitor } from './auth/visitor';
import { clientAddress } from './client-address';
import type { ProxyTarget } from './proxy/path';
import type { Refusal } from './status';

const READS = new Set(['GET', 'HEAD', 'OPTIONS']);
/** Signing in and out, by the path below /auth/. */
const SIGN_IN = /^\/auth\/(callback$|c\/([^/]+)\/token$)/;
const SIGN_OUT = /^\/auth\/(back-channel\/|c\/([^/]+)\/sign-out$)/;

/** What only the sign-in itself knows of a request: whom it signed in or out, and of which cluster. */
export interface SignInNote {
  user?: string;
  cluster?: string;
}

const notes = new WeakMap<IncomingMessage, SignInNote>();

/** Tells the audit log whom a request below /auth/ was about. */
export function noteSignIn(request: IncomingMessage, note: SignInNote): void {
  notes.set(request, { ...notes.get(request), ...note });
}

/** Decides what goes into the audit log: writes, upgrades, signing in and out, and refusals; not what was only read. */
export class Auditor {
  constructor(private readonly log: AuditLog | undefined) {}

  /** A request that this server refused itself. */
  refused(request: IncomingMessage, { code, reason }: Refusal): void {
    this.log?.write({
      ...base(request),
      event: 'refusal',
      path: pathOf(request),
      outcome: 'refused',
      reason,
      code,
    });
  }

  /** A request that goes on to a cluster; written when its answer has ended. */
  proxied(request: IncomingMessage, response: ServerResponse, target: ProxyTarget, visitor: Visitor): void {
    if (!this.log) return;
    const started = Date.now();
    const method = request.method ?? 'GET';
    response.once('close', () => {
      const { statusCode: code, headersSent } = response;
      const isRefused = code === 403;
      if (READS.has(method) && !isRefused) return;
      void this.write(visitor, target, {
        ...base(request),
        ...describeTarget(method, target),
        event: READS.has(method) ? 'refusal' : 'write',
        // The client left before there was an answer; what the cluster did, its own log says.
        ...(headersSent ? { outcome: outcomeOf(code), code } : { outcome: 'failed', code: 499 }),
        ms: Date.now() - started,
      });
    });
  }

  /** An upgrade that went on to a cluster, and the code by which it was answered (101 when it was granted). */
  upgraded(request: IncomingMessage, target: ProxyTarget, visitor: Visitor, code: number, ms: number): void {
    void this.write(visitor, target, {
      ...base(request),
      ...describeTarget(request.method ?? 'GET', target),
      event: 'upgrade',
      outcome: outcomeOf(code),
      code,
      ms,
    });
  }

  /** A request below /auth/; written when it has been answered. */
  signIn(request: IncomingMessage, response: ServerResponse): void {
    const event = eventOf(pathOf(request));
    if (!this.log || !event) return;
    const started = Date.now();
    response.once('close', () => {
      const { statusCode: code } = response;
      const { failed, ...note } = noted(request, response);
      const outcome = failed ? 'refused' : outcomeOf(code);
      this.log?.write({ ...base(request), ...event, ...note, outcome, code, ms: Date.now() - started });
    });
  }

  private async write(visitor: Visitor, { cluster }: ProxyTarget, entry: AuditEntry): Promise<void> {
    const viewer = await visitor.viewer(cluster).catch(() => undefined);
    this.log?.write({ ...entry, user: viewer?.user });
  }
}

function base(request: IncomingMessage): { method: string | undefined; address: string } {
  return { method: request.method, address: clientAddress(request) };
}

function eventOf(path: string): { event: AuditEvent; cluster?: string } | undefined {
  for (const [event, pattern] of [['sign-in', SIGN_IN] as const, ['sign-out', SIGN_OUT] as const]) {
    const [found, , cluster] = pattern.exec(path) ?? [];
    if (found) return cluster ? { event, cluster: decoded(cluster) } : { event };
  }
  return undefined;
}

/** A callback that failed sends the browser to the page that says so, which is no success for all its 302. */
function noted(request: IncomingMessage, response: ServerResponse): SignInNote & { failed: boolean } {
  const location = String(response.getHeader('location') ?? '');
  return { ...notes.get(request), failed: /^\/sign-in\/[^?]*\?(.*&)?error=/.test(location) };
}

function pathOf({ url = '' }: IncomingMessage): string {
  return url.split('?', 1)[0] ?? '';
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
