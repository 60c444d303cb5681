import { ApiError } from '@/lib/k8s/error';
import { isSignInNeeded, type SignInNeeded } from '@/lib/k8s/sign-in-needed';
import { type ClusterSession, endReason, hasSessions } from './session';
import type { SessionChannel } from './session-channel';
import type { SessionStore, TabSession } from './session-store';

const LOOK_EVERY_MS = 1_000;
/** Somebody at work keeps the session alive this often at most, and often enough for short ones. */
const RENEW_MAX_MS = 5 * 60_000;
const RENEW_MIN_MS = 2_000;
/** The warning comes this long before the end, sooner in the life of a short session. */
const WARN_MAX_MS = 10 * 60_000;
/** A session that should be over, or a server that does not answer, is asked again this often. */
const RETRY_MS = 10_000;
/** Coming back to a tab asks the server at most this often. */
const REFRESH_MIN_MS = 5_000;

/** How long before its end a session's end is announced, ms. `span`: from when it was heard of to its end. */
export function warnBefore(span: number): number {
  return Math.min(WARN_MAX_MS, span / 3);
}

/** Whether the end of a session is near enough to say so. */
export function isEnding({ session, since, over }: TabSession, now: number): boolean {
  const { expiresAt } = session;
  if (over || expiresAt === undefined) return false;
  return now >= expiresAt - warnBefore(expiresAt - since);
}

export interface KeeperPorts {
  store: SessionStore;
  channel: SessionChannel;
  readSessions: () => Promise<ClusterSession[]>;
  /** `isActive`: somebody is at work, so that the session has not been idle. */
  renewSession: (cluster: string, isActive: boolean) => Promise<ClusterSession>;
  /** Runs `work` unless another tab is at it. */
  alone: (name: string, work: () => Promise<void>) => Promise<void>;
  now: () => number;
  every: (ms: number, run: () => void) => () => void;
}

/**
 * Keeps the sessions of a tab in step: with the person (who is at work keeps them alive), with the other tabs, and
 * with the server.
 */
export class SessionKeeper {
  private readonly stops: (() => void)[];
  private activeAt = 0;
  private readonly renewing = new Set<string>();
  private readonly reviving = new Set<string>();
  private readonly revivedAt = new Map<string, number>();
  private readonly triedAt = new Map<string, number>();
  private refreshedAt = 0;

  constructor(private readonly ports: KeeperPorts) {
    const { channel, store, every } = ports;
    this.stops = [
      channel.listen((news) => {
        if (news.type === 'signed-out') store.signedOut(news.cluster);
        else if (news.type === 'renewed') store.renewed(news.cluster, news.expiresAt, news.renewAt);
        else if (store.get(news.cluster)) this.refreshSometime(news.cluster);
      }),
      every(LOOK_EVERY_MS, () => this.look()),
    ];
  }

  /** Somebody did something in this tab. */
  active(): void {
    this.activeAt = this.ports.now();
  }

  /** Keeps one session alive now, because somebody is at work or asked for it; or renews its token only. */
  async renew(cluster: string, isActive = true): Promise<void> {
    const { store, channel, renewSession, alone } = this.ports;
    if (this.renewing.has(cluster)) return;
    this.renewing.add(cluster);
    this.triedAt.set(cluster, this.ports.now());
    try {
      await alone(`portlight-renew ${cluster}`, async () => {
        const { expiresAt, renewAt } = await renewSession(cluster, isActive);
        if (isActive) store.renewed(cluster, expiresAt, renewAt);
        else store.tokenRenewed(cluster, renewAt);
        if (expiresAt === undefined || !isActive) return;
        channel.send({ type: 'renewed', cluster, expiresAt, ...(renewAt === undefined ? {} : { renewAt }) });
      });
    } catch (error) {
      if (error instanceof ApiError && isSignInNeeded(error)) {
        store.needed({ cluster, error: error.toJSON(), askedAt: this.ports.now(), isWrite: false });
      }
      // Anything else is a server that does not answer now; the next look tries again.
    } finally {
      this.renewing.delete(cluster);
    }
  }

  /**
   * An answer said that the session is over. Open sockets cannot renew their token, so a token that has run out may be
   * no more than that: the page renews it, and what depends on it begins anew. Everything else is for the store.
   */
  async needed(needed: SignInNeeded): Promise<void> {
    const { store, now, renewSession } = this.ports;
    const { cluster, error, askedAt } = needed;
    const tab = store.get(cluster);
    const mayRenew =
      tab &&
      !tab.over &&
      tab.session.renewAt !== undefined &&
      endReason(error) === 'token' &&
      askedAt >= tab.since;
    if (!mayRenew || this.reviving.has(cluster) || now() - (this.revivedAt.get(cluster) ?? 0) < RETRY_MS) {
      if (!this.reviving.has(cluster)) store.needed(needed);
      return;
    }
    this.reviving.add(cluster);
    try {
      const { renewAt } = await renewSession(cluster, false);
      this.revivedAt.set(cluster, now());
      store.revived(cluster, renewAt);
    } catch {
      store.needed(needed);
    } finally {
      this.reviving.delete(cluster);
    }
  }

  /** Asks the server who is signed in: when a tab wakes up, and after somebody `signedInTo` a cluster. */
  async refresh(signedInTo?: string): Promise<void> {
    this.refreshedAt = this.ports.now();
    for (const session of await this.ports.readSessions()) {
      this.ports.store.heard(session, session.name === signedInTo);
    }
  }

  /** The tab has come to the front: it may have slept through other tabs' news. */
  woke(): void {
    if (this.ports.store.clusters().length === 0) return;
    if (this.ports.now() - this.refreshedAt >= REFRESH_MIN_MS) this.refreshSometime();
  }

  /** After a sign-in in this page: tells the other tabs, and asks the server what came of it. `user` as it said. */
  async signedIn(cluster: string, user: string): Promise<void> {
    const { channel, store } = this.ports;
    channel.send({ type: 'signed-in', cluster });
    try {
      await this.refresh(cluster);
    } catch {
      const tab = store.get(cluster);
      if (tab) store.heard({ ...tab.session, signedIn: true, user, expiresAt: undefined }, true);
    }
  }

  close(): void {
    for (const stop of this.stops) stop();
  }

  /** A server that does not answer now will be asked again; live data says meanwhile that it does not answer. */
  private refreshSometime(signedInTo?: string): void {
    void this.refresh(signedInTo).catch(() => undefined);
  }

  private look(): void {
    const { store } = this.ports;
    const now = this.ports.now();
    for (const cluster of store.clusters()) {
      const tab = store.get(cluster);
      const expiresAt = tab?.session.expiresAt;
      if (!tab || tab.over || expiresAt === undefined || !hasSessions(tab.session)) continue;
      const pause = renewAfter(tab, expiresAt);
      const isDue = !tab.isFinal && this.activeAt > tab.heardAt && now - tab.heardAt >= pause;
      // The open sockets of a page cannot renew their token, so the page does it, even when nobody is at work.
      const isTokenDue = now >= Math.min(tab.session.renewAt ?? expiresAt, expiresAt);
      const hasWaited = now - (this.triedAt.get(cluster) ?? 0) >= Math.min(RETRY_MS, pause);
      if (hasWaited && (isDue || isTokenDue)) void this.renew(cluster, isDue);
    }
  }
}

function renewAfter({ heardAt }: TabSession, expiresAt: number): number {
  return Math.max(RENEW_MIN_MS, Math.min(RENEW_MAX_MS, (expiresAt - heardAt) / 4));
}
