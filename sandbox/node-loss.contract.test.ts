import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestSandbox, testVm } from './testing';

let sandbox: TestSandbox;
let node: string;

beforeAll(async () => {
  sandbox = await TestSandbox.start({ control: true });
  await sandbox.createNamespace('away');
});
afterAll(() => sandbox.close());

interface Conditions {
  status: { conditions: { type: string; status: string; reason?: string }[] };
}

const readNode = () => sandbox.ask('GET', `/api/v1/nodes/${node}`);
const advance = (advanceSeconds: number) => sandbox.steer('POST', '/clock', { advanceSeconds });
const ready = ({ status }: Conditions) => status.conditions.find(({ type }) => type === 'Ready');
const launcher = () =>
  sandbox.ask('GET', '/api/v1/namespaces/away/pods?labelSelector=vm.kubevirt.io%2Fname%3Dvm');

it('counts a node that falls silent as lost after 40 seconds, and taints it', async () => {
  await sandbox.createVm(testVm('vm', 'Always'), 'away');
  await sandbox.untilStatus('away', 'vm', 'Running');
  node = (await sandbox.vmi('away', 'vm')).body.status.nodeName;
  await sandbox.steer('POST', `/nodes/${node}/kill`);
  await advance(41);
  const { body } = await sandbox.until(
    readNode,
    (answer) => answer.body.spec.taints?.length === 2,
    'the node is tainted',
  );
  expect(ready(body)).toMatchObject({ status: 'Unknown', reason: 'NodeStatusUnknown' });
  expect(body.spec.taints).toEqual([
    { key: 'node.kubernetes.io/unreachable', effect: 'NoSchedule', timeAdded: expect.any(String) },
    { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute', timeAdded: expect.any(String) },
  ]);
  const { body: pods } = await launcher();
  expect(ready(pods.items[0])).toMatchObject({ status: 'False' });
});

it('evicts its pods when their patience ends; they stay, for nobody can end them', async () => {
  await advance(301);
  const { body } = await sandbox.until(
    launcher,
    (answer) => answer.body.items[0]?.metadata.deletionTimestamp !== undefined,
    'the launcher is being deleted',
  );
  expect(body.items[0].status.conditions).toContainEqual(
    expect.objectContaining({ type: 'DisruptionTarget', reason: 'DeletionByTaintManager' }),
  );
  await sandbox.until(
    readNode,
    (answer) => answer.body.metadata.labels['kubevirt.io/schedulable'] === 'false',
    'virt-controller gives the node up',
  );
  expect((await sandbox.vmi('away', 'vm')).body.status.phase).toBe('Running');
});

it('starts the VM elsewhere once the node is declared out of service', async () => {
  const { body } = await readNode();
  const taints = [...body.spec.taints, { key: 'node.kubernetes.io/out-of-service', effect: 'NoExecute' }];
  const before = (await sandbox.vmi('away', 'vm')).body.metadata.uid;
  await sandbox.ask('PATCH', `/api/v1/nodes/${node}`, { spec: { taints } });
  // Who of virt-controller marks the instance failed first, its node or its instance half, is open: so is the reason.
  const { body: vmi } = await sandbox.until(
    () => sandbox.vmi('away', 'vm'),
    (answer) => answer.body?.status?.phase === 'Running' && answer.body.metadata.uid !== before,
    'another instance runs',
  );
  expect(vmi.status.nodeName).not.toBe(node);
});

it('trusts the node again when it reports', async () => {
  await sandbox.ask('PATCH', `/api/v1/nodes/${node}`, { spec: { taints: null } });
  await sandbox.steer('POST', `/nodes/${node}/revive`);
  const { body } = await sandbox.until(
    readNode,
    (answer) => ready(answer.body)?.status === 'True' && answer.body.spec.taints === undefined,
    'the node is ready',
  );
  expect(ready(body)?.reason).toBe('KubeletReady');
  await sandbox.until(
    readNode,
    (answer) => answer.body.metadata.labels['kubevirt.io/schedulable'] === 'true',
    'virt-handler reports',
  );
});

it('taints a cordoned node', async () => {
  await sandbox.ask('PATCH', `/api/v1/nodes/${node}`, { spec: { unschedulable: true } });
  await sandbox.until(
    readNode,
    (answer) => answer.body.spec.taints?.[0]?.key === 'node.kubernetes.io/unschedulable',
    'the cordon shows as a taint',
  );
  await sandbox.ask('PATCH', `/api/v1/nodes/${node}`, { spec: { unschedulable: null } });
  await sandbox.until(readNode, (answer) => answer.body.spec.taints === undefined, 'the taint is gone');
});
