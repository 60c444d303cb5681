import { afterEach, expect, it, vi } from 'vitest';
import type { NewObject } from '../api/objects';
import { type Cluster, createCluster } from '../api/store';
import type { Guest } from '../guests/hypervisor';
import { AccessCredentials } from './access-credentials';
import { cloudInitKeys } from './access-secrets';
import { findCondition } from './conditions';
import { condition, instance } from './testing';
import { type AccessCredential, type VirtualMachineInstance, VMIS } from './types';
import type { VirtHandler } from './virt-handler';

let controller: AccessCredentials | undefined;
let cluster: Cluster;
afterEach(() => {
  controller?.close();
  cluster.close();
});

const base64 = (text: string) => Buffer.from(text).toString('base64');
const secret = (name: string, data: Record<string, string>): NewObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, namespace: 'default' },
  data,
});

function start(accessCredentials: AccessCredential[], guest: Partial<Guest>): void {
  cluster = createCluster({ directory: undefined });
  cluster.create('secrets', secret('keys', { one: base64('ssh-ed25519 AAAA me\n') }));
  cluster.create('secrets', secret('words', { fedora: base64('pass') }));
  const vmi = instance({
    phase: 'Running',
    conditions: [condition('AgentConnected', 'True')],
    spec: { accessCredentials },
  });
  const { apiVersion, kind, spec, status } = vmi;
  cluster.create(VMIS, { apiVersion, kind, spec, status, metadata: { name: 'web', namespace: 'default' } });
  // Only what the controller asks of it.
  const virtHandler = { guestOf: () => guest } as unknown as VirtHandler;
  controller = new AccessCredentials(cluster, virtHandler);
}

const said = () => {
  const vmi = cluster.get<VirtualMachineInstance>(VMIS, 'default', 'web');
  return findCondition(vmi?.status, 'AccessCredentialsSynchronized');
};
const agent = { qemuGuestAgent: { users: ['fedora'] } };
const keys = { sshPublicKey: { source: { secret: { secretName: 'keys' } }, propagationMethod: agent } };
const password = {
  userPassword: { source: { secret: { secretName: 'words' } }, propagationMethod: { qemuGuestAgent: {} } },
};

it('gives a guest its keys and passwords, and the new ones when a secret changes', async () => {
  const authorizeKeys = vi.fn(async () => {});
  const setPassword = vi.fn(async () => {});
  start([keys, password], { authorizeKeys, setPassword });
  await vi.waitFor(() => expect(said()?.status).toBe('True'));
  expect(authorizeKeys).toHaveBeenCalledExactlyOnceWith('fedora', ['ssh-ed25519 AAAA me']);
  expect(setPassword).toHaveBeenCalledExactlyOnceWith('fedora', 'pass');
  cluster.update('secrets', 'default', 'words', (draft) => {
    draft.data = { fedora: base64('other') };
  });
  await vi.waitFor(() => expect(setPassword).toHaveBeenLastCalledWith('fedora', 'other'));
});

it('says what the agent refuses', async () => {
  const setPassword = async () => {
    throw new Error('no such user');
  };
  start([password], { setPassword });
  await vi.waitFor(() => expect(said()).toMatchObject({ status: 'False', message: 'no such user' }));
  const reasons = cluster.list('events', 'default').map(({ reason }) => reason);
  expect(reasons).toContain('AccessCredentialsSyncFailed');
});

it('hands keys to cloud-init where that propagates them', () => {
  const byCloudInit = {
    sshPublicKey: { source: { secret: { secretName: 'keys' } }, propagationMethod: { noCloud: {} } },
  };
  start([byCloudInit], {});
  const vmi = cluster.get<VirtualMachineInstance>(VMIS, 'default', 'web');
  expect(vmi && cloudInitKeys(cluster, vmi)).toEqual(['ssh-ed25519 AAAA me']);
});
