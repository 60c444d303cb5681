import type { ConsoleKind } from '@/lib/paths';
import { clusterLost, type Gate, gate } from './gate';
import type { ConsoleState, Refusal, Situation } from './state';

/** A socket that does not come up in this time is given up. */
export const CONNECT_TIMEOUT_MS = 15_000;
/** After a drop the watch gets this long to say that the guest has ended, before anybody is accused of taking over. */
export const GRACE_MS = 1_200;
export const PROBE_TIMEOUT_MS = 8_000;
/** A connection that held this long starts the back-off anew. */
export const STABLE_MS = 10_000;
export const RETRY_MIN_MS = 1_000;
export const RETRY_MAX_MS = 30_000;

/** What one connection is doing. A connection is an object with a number; a reconnect is a new one. */
export type Link =
  | { is: 'none' }
  | { is: 'opening'; id: number; instance: string; until: number }
  | { is: 'open'; id: number; instance: string; since: number; node: string | undefined }
  /** Closed: `asked` once the server has been asked why. */
  | {
      is: 'checking';
      id: number;
      instance: string;
      node: string | undefined;
      wasOpen: boolean;
      asked: boolean;
      until: number;
    }
  | { is: 'waiting'; instance: string; until: number; wasOpen: boolean; words?: string }
  | { is: 'taken'; instance: string }
  | { is: 'refused'; instance: string; refusal: Refusal }
  | { is: 'signed-out'; instance: string }
  | { is: 'closed'; detached: boolean };

export interface Model {
  kind: ConsoleKind;
  situation: Situation;
  link: Link;
  /** The number of the newest connection. */
  connection: number;
  /** Tries in a row that did not hold. */
  failures: number;
  /** Somebody is looking. An unwatched session keeps its connection but makes no new one. */
  shown: boolean;
}

/** What a plain request says after a connection closed. */
export type Probe =
  | { answer: 'none'; message: string }
  | { answer: 'refusal'; refusal: Refusal }
  /** The session is over. */
  | { answer: 'signed-out' }
  /** The endpoint would have taken the upgrade; there is no refusal to show. */
  | { answer: 'ready' }
  | {
      answer: 'instance';
      uid: string;
      phase: string;
      deleting: boolean;
      migrating: boolean;
      node: string | undefined;
    };

export type Input =
  | { type: 'situation'; situation: Situation }
  | { type: 'opened'; id: number }
  /** `code` and `reason` as in the close event: 1006 when there was no close frame. */
  | { type: 'closed'; id: number; code: number; reason?: string }
  /** The peer speaks, but not what was expected (VNC asks for a password, …). */
  | { type: 'failed'; id: number; message: string }
  | { type: 'probed'; id: number; probe: Probe }
  | { type: 'shown'; shown: boolean }
  | { type: 'wake' }
  | { type: 'connect' }
  | { type: 'close'; detached: boolean };

export type Effect =
  | { type: 'open'; id: number }
  | { type: 'drop'; id: number }
  /** Ask the endpoint itself, without upgrade, why it did not open. */
  | { type: 'ask-endpoint'; id: number }
  /** Ask the API for the VMI. */
  | { type: 'ask-instance'; id: number };

export function initialModel(kind: ConsoleKind): Model {
  return {
    kind,
    situation: { feed: 'loading' },
    link: { is: 'none' },
    connection: 0,
    failures: 0,
    shown: true,
  };
}

/** The next model and what has to be done for it. Pure; `now` in ms since the epoch. */
export function step(model: Model, input: Input, now: number): { model: Model; effects: Effect[] } {
  const effects: Effect[] = [];
  const next = settle(react(model, input, now, effects), now, effects);
  return { model: next, effects };
}

/** When the model needs a `wake`; undefined when only events can change it. */
export function wakeAt({ link }: Model): number | undefined {
  return link.is === 'opening' || link.is === 'checking' || link.is === 'waiting' ? link.until : undefined;
}

/** What the viewer sees of a model. */
export function view(model: Model): ConsoleState {
  const { link, situation } = model;
  const door = gate(situation, model.kind);
  if (link.is === 'closed') return { name: 'closed', detached: link.detached };
  if (!door.open && !outlivesWatch(model)) return door.state;
  if (link.is === 'open') {
    return door.open && door.paused ? { name: 'paused', linked: true } : { name: 'connected' };
  }
  if (link.is === 'refused') return { name: 'refused', refusal: link.refusal };
  if (link.is === 'taken') return { name: 'taken' };
  if (link.is === 'signed-out') return { name: 'signed-out' };
  if (situation.feed === 'signed-out' && link.is !== 'opening') return { name: 'signed-out' };
  if (situation.feed === 'paused' && link.is !== 'opening') return clusterLost(situation);
  if (link.is === 'waiting') {
    const { until, wasOpen, words } = link;
    return { name: 'lost', wasOpen, retryAt: until, ...(words ? { words } : {}) };
  }
  if (door.open && door.paused) return { name: 'paused', linked: false };
  return { name: 'connecting', checking: link.is === 'checking' && link.wasOpen };
}

/**
 * Who may not watch the VM any more may still use its console, and the server ends that when it is forbidden too: a
 * connection stays, and so does what a refusal of its own said.
 */
function outlivesWatch({ link, situation }: Model): boolean {
  return situation.feed === 'refused' && (link.is === 'open' || link.is === 'refused');
}

function react(model: Model, input: Input, now: number, effects: Effect[]): Model {
  const { link } = model;
  switch (input.type) {
    case 'situation':
      return observe(model, input.situation);
    case 'shown':
      return { ...model, shown: input.shown };
    case 'connect':
      return open(drop(model, effects), now, effects);
    case 'close':
      return { ...drop(model, effects), link: { is: 'closed', detached: input.detached } };
    case 'wake':
      return wake(model, now, effects);
    case 'opened':
      if (link.is !== 'opening' || link.id !== input.id) return model;
      return {
        ...model,
        link: { is: 'open', id: link.id, instance: link.instance, since: now, node: model.situation.node },
      };
    case 'failed':
      if ((link.is !== 'opening' && link.is !== 'open') || link.id !== input.id) return model;
      effects.push({ type: 'drop', id: link.id });
      return refuse(model, link.instance, { code: 0, message: input.message });
    case 'closed':
      return hasConnection(link) && link.id === input.id ? dropped(model, link, input, now, effects) : model;
    case 'probed':
      return link.is === 'checking' && link.id === input.id ? judge(model, link, input.probe, now) : model;
  }
}

function observe(model: Model, observed: Situation): Model {
  const situation = remember(model.situation, observed);
  // Live again means that somebody has signed in.
  const isBack =
    model.link.is === 'signed-out' && observed.feed === 'live' && model.situation.feed !== 'live';
  return { ...model, situation, ...(isBack ? { link: { is: 'none' } } : {}) };
}

/** A watch that starts anew or has stopped knows nothing; what was known before is still the best guess. */
function remember(before: Situation, after: Situation): Situation {
  const knows = after.vm !== undefined || after.feed === 'live' || after.feed === 'refused';
  if (knows || !before.vm) return after;
  return { ...after, vm: before.vm, ...(before.node === undefined ? {} : { node: before.node }) };
}

type Connected = Extract<Link, { is: 'opening' | 'open' }>;

const hasConnection = (link: Link): link is Connected => link.is === 'opening' || link.is === 'open';

// 1001 and 1012: our own server says that it goes away or restarts.
const SERVER_LEAVES = new Set([1001, 1012]);

/** Our own server closes what runs longer than its credentials (server/relay). */
export const CLOSE_SIGNED_OUT = 4401;
export const CLOSE_FORBIDDEN = 4403;

function dropped(
  model: Model,
  link: Connected,
  { code, reason = '' }: Extract<Input, { type: 'closed' }>,
  now: number,
  effects: Effect[],
): Model {
  const { instance } = link;
  if (code === CLOSE_SIGNED_OUT) return { ...model, failures: 0, link: { is: 'signed-out', instance } };
  if (code === CLOSE_FORBIDDEN)
    return refuse(model, instance, { code: 403, message: reason, withdrawn: true });
  if (link.is === 'opening') {
    // The browser hides the answer to a failed upgrade, so the same address is asked again in plain HTTP.
    effects.push({ type: 'ask-endpoint', id: link.id });
    return check(model, link, { wasOpen: false, asked: true, until: now + PROBE_TIMEOUT_MS });
  }
  const held = now - link.since >= STABLE_MS ? { ...model, failures: 0 } : model;
  if (SERVER_LEAVES.has(code)) return retryLater(held, { instance: link.instance, wasOpen: true }, now);
  return check(held, link, { wasOpen: true, asked: false, until: now + GRACE_MS });
}

function check(
  model: Model,
  link: Connected,
  how: { wasOpen: boolean; asked: boolean; until: number },
): Model {
  const node = link.is === 'open' ? link.node : model.situation.node;
  return { ...model, link: { is: 'checking', id: link.id, instance: link.instance, node, ...how } };
}

function wake(model: Model, now: number, effects: Effect[]): Model {
  const { link } = model;
  const due = wakeAt(model);
  if (due === undefined || now < due) return model;
  if (link.is === 'opening') {
    effects.push({ type: 'drop', id: link.id });
    return retryLater(model, { instance: link.instance, wasOpen: false }, now);
  }
  if (link.is === 'checking' && !link.asked) {
    effects.push({ type: 'ask-instance', id: link.id });
    return { ...model, link: { ...link, asked: true, until: now + PROBE_TIMEOUT_MS } };
  }
  if (link.is === 'checking') return retryLater(model, link, now);
  // Waiting: settle opens anew.
  return { ...model, link: { is: 'none' } };
}

type Checking = Extract<Link, { is: 'checking' }>;

function judge(model: Model, link: Checking, probe: Probe, now: number): Model {
  switch (probe.answer) {
    case 'none':
      return retryLater(model, link, now, probe.message);
    case 'ready':
      return retryLater(model, link, now);
    case 'signed-out':
      return { ...model, failures: 0, link: { is: 'signed-out', instance: link.instance } };
    case 'refusal':
      // A user may open consoles without being allowed to read the VMI: the API answers, and the watch says "running".
      if (link.wasOpen && probe.refusal.code === 403) return taken(model, link);
      if (probe.refusal.code === 404 || probe.refusal.code >= 500) {
        return retryLater(model, link, now, probe.refusal.message);
      }
      return refuse(model, link.instance, probe.refusal);
    case 'instance': {
      const same = probe.uid === link.instance && probe.phase === 'Running' && !probe.deleting;
      const moved = probe.migrating || (link.node !== undefined && probe.node !== link.node);
      return same && !moved ? taken(model, link) : retryLater(model, link, now);
    }
  }
}

const taken = (model: Model, { instance }: Checking): Model => ({
  ...model,
  link: { is: 'taken', instance },
});

const refuse = (model: Model, instance: string, refusal: Refusal): Model => ({
  ...model,
  link: { is: 'refused', instance, refusal },
});

function retryLater(
  model: Model,
  { instance, wasOpen }: { instance: string; wasOpen: boolean },
  now: number,
  words?: string,
): Model {
  const delay = Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** model.failures);
  return {
    ...model,
    failures: model.failures + 1,
    link: { is: 'waiting', instance, wasOpen, until: now + delay, ...(words ? { words } : {}) },
  };
}

const UNKNOWN = new Set<ConsoleState['name']>(['loading', 'cluster-lost', 'signed-out']);

/** Brings the connection in line with what the VM allows. */
function settle(model: Model, now: number, effects: Effect[]): Model {
  const { link, situation } = model;
  if (link.is === 'closed') return model;
  const door = gate(situation, model.kind);
  if (!door.open) {
    // "Not known yet" is no reason to drop a connection that works.
    if (UNKNOWN.has(door.state.name) || outlivesWatch(model)) return model;
    return link.is === 'none' ? model : { ...drop(model, effects), link: { is: 'none' }, failures: 0 };
  }
  if (link.is !== 'none' && link.instance !== door.instance) {
    return settle({ ...drop(model, effects), link: { is: 'none' }, failures: 0 }, now, effects);
  }
  if (situation.feed !== 'live') {
    // What is known may be old: what works stays, nothing is tried until the watch is back.
    return link.is === 'waiting' ? { ...model, link: { is: 'none' } } : model;
  }
  return link.is === 'none' && model.shown ? open(model, now, effects, door) : model;
}

function open(
  model: Model,
  now: number,
  effects: Effect[],
  door: Gate = gate(model.situation, model.kind),
): Model {
  if (!door.open) return { ...model, link: { is: 'none' } };
  const id = model.connection + 1;
  effects.push({ type: 'open', id });
  return {
    ...model,
    connection: id,
    link: { is: 'opening', id, instance: door.instance, until: now + CONNECT_TIMEOUT_MS },
  };
}

function drop(model: Model, effects: Effect[]): Model {
  if (hasConnection(model.link)) effects.push({ type: 'drop', id: model.link.id });
  return model;
}
