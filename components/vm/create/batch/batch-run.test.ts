import { describe, expect, it } from 'vitest';
import { ApiError } from '@/lib/k8s/error';
import type { callApi } from '@/lib/k8s/request';
import { RESOURCES } from '@/lib/kinds/resources';
import { newVm } from '@/lib/kinds/vm/form/new-vm';
import { taskStore } from '@/lib/live/tasks';
import { planManifests, typeKey } from '@/lib/manifest/plan';
import { readManifests } from '@/lib/manifest/read';
import { writeManifest } from '@/lib/manifest/write';
import { membersOf, NO_BATCH } from './batch';
import { BatchRun } from './batch-run';
import { stepsOf } from './batch-steps';

const vm = newVm({ name: 'web', namespace: 'dev' });
const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'web-login', namespace: 'dev' } };
const reading = readManifests(`${writeManifest(vm)}---\n${writeManifest(secret)}`);
const resources = [RESOURCES.virtualMachines, RESOURCES.secrets];
const found = new Map(
  reading.manifests.map((manifest, index) => [
    typeKey(manifest),
    { found: true as const, resource: resources[index] ?? RESOURCES.secrets },
  ]),
);
const { steps } = planManifests(reading, found, 'dev');
const { members } = membersOf(
  { vm, others: [secret] },
  { ...NO_BATCH, isOn: true, pattern: 'web-{n}', count: 6 },
  'dev',
);

describe('BatchRun', () => {
  it('creates several at a time, says who failed, and goes on with those alone', async () => {
    const stored: string[] = [];
    let underWay = 0;
    let most = 0;
    let isFull = true;
    const call = (async (_cluster, path, request) => {
      underWay += 1;
      most = Math.max(most, underWay);
      await new Promise((resolve) => setTimeout(resolve));
      underWay -= 1;
      const { name } = (request as { body: { metadata: { name: string } } }).body.metadata;
      if (isFull && name === 'web-3')
        throw new ApiError(403, 'Forbidden', 'exceeded quota: team', { method: 'POST', path });
      if (!request?.query?.dryRun) stored.push(name);
      return { body: { metadata: { name, uid: name } }, warnings: [] };
    }) as typeof callApi;
    const run = new BatchRun({
      cluster: 'lab',
      namespace: 'dev',
      members: members.map((each) => ({ name: each.name, steps: stepsOf(each, steps, 'dev') })),
      call,
    });
    await run.run();
    expect(most).toBe(4);
    expect(
      run
        .get()
        .map(({ name, state, words }) => [name, state, words])
        .filter(([, state]) => state !== 'done'),
    ).toEqual([['web-3', 'failed', 'exceeded quota: team']]);
    // Checked as a whole before any of it was sent: no Secret of a VM that is not there.
    expect(stored.sort()).toEqual(
      [1, 2, 4, 5, 6].flatMap((number) => [`web-${number}`, `web-${number}-login`]).sort(),
    );
    expect(taskStore.get()[0]).toMatchObject({ state: 'failed', words: 'web-3: exceeded quota: team' });

    isFull = false;
    stored.length = 0;
    await run.run();
    expect(stored).toEqual(['web-3-login', 'web-3']);
    expect(taskStore.get()[0]).toMatchObject({ state: 'done' });
  });
});
