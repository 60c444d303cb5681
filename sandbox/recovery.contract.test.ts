import { afterAll, beforeAll, expect, it } from 'vitest';
import { LockedError } from './lock';
import { startSandbox } from './sandbox';
import { TestSandbox } from './testing';

let sandbox: TestSandbox;

beforeAll(async () => {
  sandbox = await TestSandbox.start({ machines: true });
});
afterAll(() => sandbox.close());

const SEEDED = {
  'production/web-frontend': 'Running',
  'production/orders-db': 'Running',
  'production/metrics': 'Running',
  'dev/build-runner': 'Running',
  'dev/alice-lab': 'Paused',
  'staging/mail-relay': 'Stopped',
  'staging/analytics': 'ErrorUnschedulable',
  'staging/legacy-billing': 'ImagePullBackOff',
};

async function untilSeeded(): Promise<void> {
  for (const [key, status] of Object.entries(SEEDED)) {
    const [namespace = '', name = ''] = key.split('/');
    await sandbox.untilStatus(namespace, name, status);
  }
}

it('shows machines in varied states on the first start', async () => {
  await untilSeeded();
  const nodes = await sandbox.ask('GET', '/api/v1/nodes');
  expect(nodes.body.items).toHaveLength(3);
  const kubevirt = await sandbox.ask('GET', '/apis/kubevirt.io/v1/namespaces/kubevirt/kubevirts/kubevirt');
  expect(kubevirt.body.status.phase).toBe('Deployed');
});

it('lets no second sandbox into its directory', async () => {
  const second = startSandbox({ directory: sandbox.directory, projectRoot: process.cwd(), log: () => {} });
  await expect(second).rejects.toThrow(LockedError);
});

it('finds the same instances in the same states after a restart', async () => {
  const before = (await sandbox.vmi('production', 'orders-db')).body;
  await sandbox.restart();
  const after = await sandbox.vmi('production', 'orders-db');
  expect(after.body.metadata.uid).toBe(before.metadata.uid);
  expect(after.body.status.phase).toBe('Running');
  await untilSeeded();
  // The guest is back when it can be paused.
  await sandbox.until(
    () => sandbox.actOnInstance('production', 'orders-db', 'pause'),
    ({ status }) => status === 200,
    'the guest is back',
  );
  await sandbox.untilStatus('production', 'orders-db', 'Paused');
});

it('goes on where it was cut off in the middle of a start', async () => {
  await sandbox.act('staging', 'mail-relay', 'start');
  await sandbox.restart();
  await sandbox.untilStatus('staging', 'mail-relay', 'Running');
  await sandbox.act('staging', 'mail-relay', 'stop');
  await sandbox.restart();
  await sandbox.untilStatus('staging', 'mail-relay', 'Stopped');
});
