import type { Fault } from '../api/faults';
import type { Steering } from '../api/server';
import { clock } from '../clock';

/** What the control endpoint steers. */
export interface Controls extends Steering {
  /** Cuts a node off, or brings it back. False when there is no such node. */
  setNodeDead(name: string, dead: boolean): boolean;
}

export interface ControlReply {
  status: number;
  body: object;
}

type Route = (context: { controls: Controls; name: string; body: Record<string, unknown> }) => ControlReply;

/** Something in a request that makes no sense; the message says what would. */
export class BadControl extends Error {}

const DONE: ControlReply = { status: 200, body: {} };

/** `METHOD /path`, where `*` stands for one name. */
const ROUTES: Record<string, Route> = {
  'GET /': ({ controls }) => ({ status: 200, body: { clock: clockState(), faults: controls.faults.active } }),
  'POST /clock': ({ body }) => {
    const seconds = numberOf(body, 'advanceSeconds');
    if (seconds === undefined || seconds < 0) {
      throw new BadControl('advanceSeconds must be a number of seconds, 0 or more');
    }
    clock.advance(seconds * 1000);
    return { status: 200, body: clockState() };
  },
  'GET /memory': () => ({ status: 200, body: memory() }),
  'GET /faults': ({ controls }) => ({ status: 200, body: controls.faults.active }),
  'POST /faults': ({ controls, body }) => ({ status: 201, body: controls.faults.add(faultOf(body)) }),
  'DELETE /faults': ({ controls }) => {
    controls.faults.clear();
    return DONE;
  },
  'DELETE /faults/*': ({ controls, name }) => found(controls.faults.remove(Number(name)), `fault ${name}`),
  'POST /watches/drop': ({ controls, body }) => ({
    status: 200,
    body: { dropped: controls.dropWatches(textOf(body, 'resource')) },
  }),
  'POST /watches/expire': ({ controls }) => ({ status: 200, body: { expired: controls.expireWatches() } }),
  'POST /nodes/*/kill': ({ controls, name }) => found(controls.setNodeDead(name, true), `node ${name}`),
  'POST /nodes/*/revive': ({ controls, name }) => found(controls.setNodeDead(name, false), `node ${name}`),
  'POST /tokens/*/expire': ({ controls, name }) =>
    found(controls.setTokensExpired(name, true), `token of ${name}`),
  'POST /tokens/*/renew': ({ controls, name }) =>
    found(controls.setTokensExpired(name, false), `token of ${name}`),
};

/**
 * Carries one control request out.
 * @throws BadControl for a body that makes no sense.
 */
export function control(
  controls: Controls,
  method: string,
  path: string,
  body: Record<string, unknown>,
): ControlReply {
  const parts = path.split('/').map(decodeURIComponent);
  for (const [route, carryOut] of Object.entries(ROUTES)) {
    const [wanted = '', pattern = ''] = route.split(' ');
    const names = pattern.split('/');
    const fits =
      names.length === parts.length && names.every((name, at) => name === '*' || name === parts[at]);
    if (wanted === method && fits) {
      return carryOut({ controls, name: parts[names.indexOf('*')] ?? '', body });
    }
  }
  return { status: 404, body: { message: `no such control; there are: ${Object.keys(ROUTES).join(', ')}` } };
}

/** Node offers `gc` only when it was started with --expose-gc. */
declare const gc: (() => void) | undefined;

function memory(): object {
  const collected = typeof gc === 'function';
  if (collected) gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  return { collected, rssBytes: rss, heapUsedBytes: heapUsed, externalBytes: external };
}

function clockState(): object {
  return { now: clock.now().toISOString(), aheadSeconds: clock.offsetMs / 1000 };
}

function found(isFound: boolean, what: string): ControlReply {
  return isFound ? DONE : { status: 404, body: { message: `there is no ${what}` } };
}

function faultOf(body: Record<string, unknown>): Fault {
  const { methods, hangUp } = body;
  if (
    methods !== undefined &&
    !(Array.isArray(methods) && methods.every((name) => typeof name === 'string'))
  ) {
    throw new BadControl('methods must be a list such as ["PUT"]');
  }
  const fault: Fault = { ...(methods ? { methods } : {}), ...(hangUp === true ? { hangUp } : {}) };
  for (const field of ['path', 'message'] as const) {
    const text = textOf(body, field);
    if (text !== undefined) fault[field] = text;
  }
  for (const field of ['delayMs', 'status', 'retryAfterSeconds', 'every', 'times'] as const) {
    const count = numberOf(body, field);
    if (count !== undefined) fault[field] = count;
  }
  if (!fault.hangUp && fault.status === undefined && fault.delayMs === undefined) {
    throw new BadControl('a fault needs a status, a delayMs or hangUp');
  }
  try {
    new RegExp(fault.path ?? '');
  } catch {
    throw new BadControl('path must be a regular expression');
  }
  return fault;
}

function textOf(body: Record<string, unknown>, field: string): string | undefined {
  const value = body[field];
  if (value === undefined) return undefined;
  if (typeof value !== 'string') throw new BadControl(`${field} must be a text`);
  return value;
}

function numberOf(body: Record<string, unknown>, field: string): number | undefined {
  const value = body[field];
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new BadControl(`${field} must be a number`);
  return value;
}
