import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestSandbox } from '@/sandbox/testing';
import { soundVm, type Trouble, troubles } from '../manifests/troubles';
import { say, untilDiagnosis } from './diagnosing';

const NS = 'guests';
let sandbox: TestSandbox;

beforeAll(async () => {
  sandbox = await TestSandbox.start({ guests: true });
  await sandbox.createNamespace(NS);
});
afterAll(async () => {
  await sandbox?.close();
});

function trouble(name: string): Trouble {
  const found = troubles({ url: '', put: () => undefined }).find((each) => each.name === name);
  if (!found) throw new Error(`no trouble ${name}`);
  return found;
}

describe('a real guest', { timeout: 300_000 }, () => {
  it('is followed to its login, and its agent told of', async () => {
    await sandbox.createVm(soundVm('sound'), NS);
    const found = await untilDiagnosis(sandbox, NS, 'sound', ({ verdict }) => verdict.cause === 'ready');
    expect(found.steps.map(({ state }) => state)).toEqual(Array(6).fill('done'));
    expect(found).toMatchObject({ isReady: true, others: [] });
    expect(Date.parse(found.total.until ?? '')).toBeGreaterThan(Date.parse(found.total.since ?? ''));
    await sandbox.deleteVm(NS, 'sound');
  });

  it('says itself that it could not read its cloud-init', async () => {
    const { vm, name } = trouble('bad-cloud-init');
    await sandbox.createVm(vm, NS);
    const found = await untilDiagnosis(
      sandbox,
      NS,
      name,
      ({ verdict }) => verdict.cause === 'cloudInitInvalid' && verdict.words.length > 0,
    );
    // In cloud-init's words, from the guest's serial console.
    expect(found.verdict.words.join(' ')).toContain('Unhandled non-multipart');
    await sandbox.deleteVm(NS, name);
  });

  it('never comes up from an empty disk, and does once another is first', async () => {
    const { vm, name, mend } = trouble('wrong-boot-disk');
    await sandbox.createVm(vm, NS);
    await sandbox.untilStatus(NS, name, 'Running');
    const found = await untilDiagnosis(
      sandbox,
      NS,
      name,
      ({ verdict, steps }) => verdict.cause === 'bootDiskEmpty' && steps[3]?.state === 'done',
    );
    expect(say(found.verdict.sentence)).toBe('It boots from scratch, which holds nothing to start.');
    expect(found.steps.find(({ id }) => id === 'boot')?.state).not.toBe('done');
    await mend(sandbox, NS);
    await untilDiagnosis(sandbox, NS, name, ({ verdict }) => verdict.cause === 'ready');
    await sandbox.deleteVm(NS, name);
  });
});
