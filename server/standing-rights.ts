import type { Viewer } from '@/lib/auth/viewer';
import { type Clock, type Guard, type Standing, SYSTEM_CLOCK } from '@/lib/inventory/transport';
import { type AccessAnswer, type AccessCheck, checkKey } from '@/lib/k8s/access';
import { ApiError } from '@/lib/k8s/error';
import { isSignInNeeded } from '@/lib/k8s/sign-in-needed';
import type { AccessReviews } from './access-reviews';

/** What stays open is looked at this often at least. */
const LOOK_EVERY_MS = 30_000;
/** Looks come up to this part of the time earlier, so that they do not all come at once. */
const SPREAD = 0.2;

export interface StandingRightsOptions {
  lookEveryMs?: number | undefined;
  clock?: Clock;
}

/** All that is open on behalf of one viewer: looked at together, so that equal questions are asked once. */
interface Group {
  open: Set<Standing<Viewer>>;
  cancel: () => void;
}

/**
 * Looks again and again whether what is open may stay open: feeds, consoles, watches through the proxy. A review that
 * fails changes nothing: the cluster did not say no.
 */
export class StandingRights implements Guard<Viewer> {
  private readonly groups = new Map<string, Group>();
  private readonly clock: Clock;
  private readonly lookEveryMs: number;

  constructor(
    private readonly reviews: Pick<AccessReviews<Viewer>, 'may'>,
    { lookEveryMs = LOOK_EVERY_MS, clock = SYSTEM_CLOCK }: StandingRightsOptions = {},
  ) {
    this.lookEveryMs = lookEveryMs;
    this.clock = clock;
  }

  hold(standing: Standing<Viewer>): () => void {
    const { key } = standing.who;
    let group = this.groups.get(key);
    if (!group) {
      group = { open: new Set(), cancel: () => {} };
      this.groups.set(key, group);
      this.lookLater(group);
    }
    const held = group;
    held.open.add(standing);
    return () => {
      held.open.delete(standing);
      if (held.open.size > 0 || this.groups.get(key) !== held) return;
      held.cancel();
      this.groups.delete(key);
    };
  }

  /** Ends at once what belongs to sessions that are over, e.g. because somebody signed out. Asks no cluster. */
  async lookAtSessions(): Promise<void> {
    await Promise.all([...this.groups.values()].map((group) => this.isSignedIn(group)));
  }

  close(): void {
    for (const { cancel } of this.groups.values()) cancel();
    this.groups.clear();
  }

  private lookLater(group: Group): void {
    const wait = this.lookEveryMs * (1 - SPREAD * this.clock.random());
    group.cancel = this.clock.after(wait, () => {
      // The next look is due from now on, whatever the cluster takes for its answers; reviews time out before.
      this.lookLater(group);
      void this.look(group);
    });
  }

  private async look(group: Group): Promise<void> {
    if (!(await this.isSignedIn(group))) return;
    const answers = new Map<string, Promise<AccessAnswer | ApiError>>();
    await Promise.all(
      [...group.open].map(async (standing) => {
        for (const check of standing.checks) {
          const key = checkKey(check);
          const asked = answers.get(key) ?? this.ask(standing.who, check);
          answers.set(key, asked);
          const answer = await asked;
          if (!group.open.has(standing)) return;
          if (answer instanceof ApiError) standing.over(answer);
          else if (!answer.allowed && !answer.unknown) standing.denied(check, answer.reason);
          else continue;
          return;
        }
      }),
    );
  }

  /** The answer, or the 401 that says that the session is over; whatever else goes wrong is no answer. */
  private async ask(who: Viewer, check: AccessCheck): Promise<AccessAnswer | ApiError> {
    try {
      return await this.reviews.may(who, check, true);
    } catch (cause) {
      if (cause instanceof ApiError && isSignInNeeded(cause)) return cause;
      return { allowed: false, unknown: true };
    }
  }

  private async isSignedIn({ open }: Group): Promise<boolean> {
    const [first] = open;
    try {
      await first?.who.credentials();
      return true;
    } catch (cause) {
      if (!(cause instanceof ApiError) || !isSignInNeeded(cause)) return true;
      for (const standing of [...open]) standing.over(cause);
      return false;
    }
  }
}
