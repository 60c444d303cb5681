import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  isCall,
  VM_ACTIONS,
  type VmAction,
  type VmActionId,
  type VmCallAction,
} from '@/lib/kinds/vm/actions';
import type { VmFacts } from '@/lib/kinds/vm/facts';
import { TestSandbox } from '@/sandbox/testing';
import { Machine, NS, type RunForm } from './machine';
import { SITUATIONS, type Situation } from './situations';

const CALLS = (VM_ACTIONS as readonly VmAction[]).filter(isCall);
// virt-api knows no dry run of these two, and neither changes anything that the facts show.
const WITHOUT_DRY_RUN = ['soft-reboot', 'reset'];
const AT_ONCE = 16;
// A state of half a second needs a cluster that isn't busy with others.
const FLEETING_AT_ONCE = 3;
const ATTEMPTS = 10;
const PASSES_WITHIN_MS = 3000;
const LOOK_MS = 10;

/** Where the console says no though the API says yes. Each must be met with, or it is out of date. */
const DELIBERATE: { why: string; actions: VmActionId[]; when: (facts: VmFacts) => boolean }[] = [
  {
    why: 'a VM that is being deleted neither starts nor needs to be stopped, restarted or deleted again',
    actions: ['start', 'stop', 'restart', 'delete'],
    when: ({ deleting }) => deleting,
  },
  {
    why: 'a VM that waits for a migration: the API answers 202, and nothing ever happens',
    actions: ['start', 'stop', 'force-stop', 'restart'],
    when: ({ runStrategy }) => runStrategy === 'WaitAsReceiver',
  },
];

interface Verdict {
  situation: string;
  form: RunForm;
  facts: VmFacts;
  action: string;
  /** The console's reason, if it has one. */
  reason: string | undefined;
  accepted: boolean;
  answer: string;
}

let sandbox: TestSandbox;
const verdicts: Verdict[] = [];
const unreached: string[] = [];

beforeAll(async () => {
  // With Multus a VM whose network is missing never gets a pod; without it the guest is what fails.
  sandbox = await TestSandbox.start({ kubevirtOnly: true });
  await sandbox.createNamespace(NS);
  const visits = SITUATIONS.flatMap((situation, index) =>
    situation.forms.map((form) => ({ situation, form, name: `s${index}-${form.replace(/\W+/g, '-')}` })),
  );
  const look = async ({ situation, form, name }: (typeof visits)[number]) => {
    await visit(situation, form, name.toLowerCase()).then(
      (found) => verdicts.push(...found),
      (error) => unreached.push(`${situation.title} (${form}): ${error.message}`),
    );
  };
  const lasting = visits.filter(({ situation }) => !situation.fleeting);
  const fleeting = visits.filter(({ situation }) => situation.fleeting);
  await inParallel(AT_ONCE, lasting, look);
  await inParallel(FLEETING_AT_ONCE, fleeting, look);
});
afterAll(() => sandbox.close());

it('reaches every situation', () => {
  expect(unreached.join('\n')).toBe('');
});

it('offers an action exactly when the API accepts it', () => {
  const wrong = verdicts.filter((verdict) => disagrees(verdict) && !deliberate(verdict));
  expect(wrong.map(line).join('\n')).toBe('');
});

it.each(DELIBERATE)('withholds what the API takes: $why', ({ actions, when }) => {
  const met = verdicts.filter((verdict) => disagrees(verdict) && when(verdict.facts));
  expect(actions.filter((id) => !met.some(({ action }) => action === id))).toEqual([]);
});

it('has seen every run strategy, phase and status that the cluster can show', () => {
  const seen = (pick: (facts: VmFacts) => string | undefined) =>
    [...new Set(verdicts.map(({ facts }) => pick(facts) ?? 'none'))].sort();
  expect(seen(({ runStrategy }) => runStrategy)).toEqual(
    ['Always', 'Halted', 'Manual', 'Once', 'RerunOnFailure', 'WaitAsReceiver'].sort(),
  );
  expect(seen(({ vmi }) => vmi?.phase)).toEqual([
    ...['Failed', 'Pending', 'Running', 'Scheduled', 'Scheduling', 'Succeeded', 'WaitingForSync', 'none'],
  ]);
  expect(seen(({ printableStatus }) => printableStatus)).toEqual(
    expect.arrayContaining([
      ...['CrashLoopBackOff', 'ErrorPvcNotFound', 'ErrorUnschedulable', 'ImagePullBackOff', 'Paused'],
      ...['Running', 'Starting', 'Stopped', 'Stopping', 'Terminating'],
    ]),
  );
});

it('has seen each action both accepted and refused', () => {
  const outcomes = (id: string) =>
    new Set(verdicts.filter(({ action }) => action === id).map((v) => v.accepted));
  const refusedOnly = CALLS.filter(({ id }) => !outcomes(id).has(true));
  // Any VM can be deleted, any number of times.
  const acceptedOnly = CALLS.filter(({ id }) => id !== 'delete' && !outcomes(id).has(false));
  expect([...refusedOnly, ...acceptedOnly].map(({ id }) => id)).toEqual([]);
});

/** Brings a VM there and asks for everything; a state that passed too quickly is tried again with another VM. */
async function visit(situation: Situation, form: RunForm, name: string): Promise<Verdict[]> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const machine = new Machine(sandbox, `${name}-${attempt}`, form);
    await situation.arrive(machine);
    if (!situation.fleeting) await machine.until(situation.is, situation.title);
    const asked = await askAll(machine, situation);
    await sandbox.deleteVm(NS, machine.name);
    if (asked) return asked.map((verdict) => ({ ...verdict, situation: situation.title, form }));
  }
  throw new Error(`passed too quickly, ${ATTEMPTS} times`);
}

/** Counts only what was answered while nothing changed. */
async function askAll(machine: Machine, { is }: Situation) {
  const deadline = Date.now() + PASSES_WITHIN_MS;
  let wasThere = false;
  while (Date.now() < deadline) {
    const before = await machine.facts();
    const isThere = before !== undefined && is(before);
    if (!isThere && (wasThere || !before)) return undefined;
    if (isThere) {
      wasThere = true;
      const answers = await Promise.all(CALLS.map((action) => ask(machine, action, before)));
      if (isDeepStrictEqual(before, await machine.facts())) return answers;
    } else await delay(LOOK_MS);
  }
  return undefined;
}

async function ask(machine: Machine, action: VmCallAction, facts: VmFacts) {
  const ref = { cluster: 'contract', namespace: NS, name: machine.name };
  const [call] = action.run(ref, facts, undefined);
  if (!call) throw new Error(`${action.id} calls nothing`);
  const { method, path, body } = call;
  const dryRun = WITHOUT_DRY_RUN.includes(action.id) ? {} : { dryRun: ['All'] };
  const { status, text } = await machine.ask(method, path, { ...(body as object), ...dryRun });
  return {
    facts,
    action: action.id,
    reason: action.unavailable(facts)?.key,
    accepted: status >= 200 && status < 300,
    answer: `${status} ${/"message":\s*"((?:[^"\\]|\\.)*)"/.exec(text)?.[1] ?? ''}`.trim(),
  };
}

function disagrees({ reason, accepted }: Verdict): boolean {
  return (reason === undefined) !== accepted;
}

/** Never where the console offers what the API refuses. */
function deliberate({ action, facts, accepted }: Verdict): boolean {
  return (
    accepted && DELIBERATE.some(({ actions, when }) => actions.some((id) => id === action) && when(facts))
  );
}

function line({ situation, form, facts, action, reason, answer }: Verdict): string {
  const { printableStatus, runStrategy, vmi } = facts;
  const state = `${runStrategy}/${printableStatus}/${vmi ? `${vmi.phase}${vmi.deleting ? ' deleting' : ''}` : 'no VMI'}`;
  return `${situation} (${form}) | ${state} | ${action} | console: ${reason ?? 'available'} | API: ${answer}`;
}

async function inParallel<T>(
  atOnce: number,
  things: readonly T[],
  work: (thing: T) => Promise<void>,
): Promise<void> {
  const queue = [...things];
  const worker = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) await work(next);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
