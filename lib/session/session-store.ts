import type { SignInNeeded } from '@/lib/k8s/sign-in-needed';
import { type ClusterSession, type EndReason, endReason, hasSessions } from './session';

/** What this tab knows of its session for one cluster. */
export interface TabSession {
  /** As last heard; while `over`, the session that was. */
  session: ClusterSession;
  /** When `session` was heard, ms since the epoch. */
  heardAt: number;
  /** Why and when it ended, and the server's words; absent while it goes on. */
  over?: { why: EndReason; words: string } | undefined;
  /** Somebody else has signed in since this page was opened: who was here before. To be confirmed before work goes on. */
  before?: string | undefined;
  /** The dialog to sign in again is open. */
  isAsking: boolean;
  /** Keeping it alive has gained no time: it ends at `expiresAt`, whatever anybody does. */
  isFinal: boolean;
  /** Counts sign-ins: what depends on credentials begins anew when it changes. */
  round: number;
  /** When the present session began as far as this tab knows, ms since the epoch. */
  since: number;
}

const SLACK_MS = 1_500;

/**
 * The sessions of this tab by cluster: a store in the sense of useSyncExternalStore. It decides nothing about who is
 * signed in (the server does), but what a page makes of what it hears.
 */
export class SessionStore {
  private readonly known = new Map<string, TabSession>();
  private readonly listeners = new Set<() => void>();

  constructor(private readonly now: () => number = Date.now) {}

  get(cluster: string): TabSession | undefined {
    return this.known.get(cluster);
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  clusters(): string[] {
    return [...this.known.keys()];
  }

  /** What the server rendered into the page. What this tab has heard since is newer. */
  prime(session: ClusterSession): void {
    if (!hasSessions(session) || this.known.has(session.name)) return;
    const now = this.now();
    this.set(session.name, {
      session,
      heardAt: now,
      isAsking: false,
      isFinal: false,
      round: 0,
      since: now,
      ...(session.signedIn ? {} : { over: { why: 'unknown', words: '' } }),
    });
  }

  /** An answer said that the session is over. One that belongs to an earlier session says nothing of this one. */
  needed({ cluster, error, askedAt, isWrite }: SignInNeeded): void {
    const tab = this.known.get(cluster);
    if (!tab || askedAt < tab.since) return;
    const over = tab.over ?? { why: endReason(error), words: error.message };
    this.set(cluster, { ...tab, over, isAsking: tab.isAsking || isWrite });
  }

  /** Another tab signed out. */
  signedOut(cluster: string): void {
    const tab = this.known.get(cluster);
    if (tab && !tab.over) this.set(cluster, { ...tab, over: { why: 'signedOut', words: '' } });
  }

  /**
   * The session as the server gives it now. `isNews`: somebody has just signed in, here or in another tab; else the
   * server was merely asked, and a session that it knows may still be one that the cluster refuses.
   */
  heard(session: ClusterSession, isNews: boolean): void {
    const tab = this.known.get(session.name);
    if (!tab || (!isNews && tab.over?.why === 'refused')) return;
    const now = this.now();
    if (!session.signedIn) {
      if (!tab.over) this.set(session.name, { ...tab, over: { why: 'unknown', words: '' } });
      return;
    }
    // The first known user of this page: who wrote what is unsaved here.
    const author = tab.before ?? tab.session.user;
    const isOther = author !== undefined && session.user !== undefined && author !== session.user;
    const isNew = tab.over !== undefined || tab.session.user !== session.user;
    this.set(session.name, {
      session,
      heardAt: now,
      before: isOther ? author : undefined,
      isAsking: false,
      isFinal: !isNew && tab.isFinal && (session.expiresAt ?? 0) <= (tab.session.expiresAt ?? 0),
      round: tab.round + (isNew ? 1 : 0),
      since: isNew ? now : tab.since,
    });
  }

  /** The session's end has moved, or has not; and when its token is due next. */
  renewed(cluster: string, expiresAt: number | undefined, renewAt?: number): void {
    const tab = this.known.get(cluster);
    if (!tab || tab.over) return;
    const now = this.now();
    const before = tab.session.expiresAt;
    const gained =
      before === undefined || expiresAt === undefined ? Number.POSITIVE_INFINITY : expiresAt - before;
    const passed = now - tab.heardAt;
    // Two tabs may renew within the same moment, and gain nothing by the second time.
    const isFinal = passed < SLACK_MS ? tab.isFinal : gained < passed / 2;
    this.set(cluster, { ...tab, session: { ...tab.session, expiresAt, renewAt }, heardAt: now, isFinal });
  }

  /** Only its token is a new one: nobody was at work. */
  tokenRenewed(cluster: string, renewAt: number | undefined): void {
    const tab = this.known.get(cluster);
    if (tab && !tab.over) this.set(cluster, { ...tab, session: { ...tab.session, renewAt } });
  }

  /** Its token ran out and is a new one: what still uses the old one begins anew. */
  revived(cluster: string, renewAt: number | undefined): void {
    const tab = this.known.get(cluster);
    if (!tab || tab.over) return;
    const session = { ...tab.session, renewAt };
    this.set(cluster, { ...tab, session, round: tab.round + 1, since: this.now() });
  }

  /** Opens or closes the dialog to sign in again. */
  ask(cluster: string, isAsking: boolean): void {
    const tab = this.known.get(cluster);
    if (tab && tab.isAsking !== isAsking) this.set(cluster, { ...tab, isAsking });
  }

  /** The person has read that another user is signed in now, and goes on as that user. */
  acceptUser(cluster: string): void {
    const tab = this.known.get(cluster);
    if (tab) this.set(cluster, { ...tab, before: undefined });
  }

  private set(cluster: string, tab: TabSession): void {
    this.known.set(cluster, tab);
    for (const listener of [...this.listeners]) listener();
  }
}
