import assert from 'node:assert/strict';
import type { Chapter } from '../operation';
import { CLAIMS, createClaim, createVm, PODS, runVm, SECRETS, VM, VMI } from './machines';
import type { Virtctl } from './virtctl';

const SERVICES = '/api/v1/namespaces/{ns}/services';
const EXPORTS = '/apis/export.kubevirt.io/v1/namespaces/{ns}/virtualmachineexports';
const GUESTFS = '/apis/subresources.kubevirt.io/v1/guestfs';
const JSON_PATCH = 'application/json-patch+json';
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEXAMPLEexampleEXAMPLEexampleEXAMPLEexampl me@example.com';

/** `expose vm vm` and `expose vmi vm`, with `--name=web --port=22` */
async function expose(v: Virtctl, owner: string): Promise<void> {
  const { metadata, spec } = await v.call('GET', owner);
  const { 'kubevirt.io/nodeName': _node, ...selector } = spec.template?.metadata.labels ?? metadata.labels;
  await v.call('POST', SERVICES, {
    body: {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', namespace: v.namespace },
      spec: {
        type: 'ClusterIP',
        selector,
        ports: [{ protocol: 'TCP', port: 22, targetPort: 22 }],
      },
    },
  });
}

function exposing(command: string, owner: string) {
  return {
    name: command,
    async run(v: Virtctl) {
      await runVm(v);
      await expose(v, owner);
      const { spec } = await v.see(`${SERVICES}/web`);
      assert.match(spec.clusterIP, /^\d+\.\d+\.\d+\.\d+$/);
      const labels = Object.entries(spec.selector).map((pair) => pair.join('='));
      const { items } = await v.see(`${PODS}?labelSelector=${encodeURIComponent(labels.join(','))}`);
      assert.equal(items.length, 1, 'the service selects the machine’s pod');
      const [pod] = items;
      const { subsets } = await v.until(
        '/api/v1/namespaces/{ns}/endpoints/web',
        (found) => found.subsets?.[0]?.addresses,
      );
      assert.equal(subsets[0].addresses[0].ip, pod.status.podIP);
      assert.deepEqual(subsets[0].ports, [{ port: 22, protocol: 'TCP' }]);
      assert.equal(await v.refused(expose(v, owner)), 'services "web" already exists');
    },
  };
}

/** `vmexport create out --pvc=disk`: the export first, then the Secret that it names, which it owns. */
async function createExport(v: Virtctl): Promise<void> {
  assert.match(await v.refused(v.call('GET', `${EXPORTS}/out`)), /"out" not found$/);
  const apiVersion = 'export.kubevirt.io/v1';
  const kind = 'VirtualMachineExport';
  const { metadata } = await v.call('POST', EXPORTS, {
    body: {
      apiVersion,
      kind,
      metadata: { name: 'out', namespace: v.namespace },
      spec: {
        source: { apiGroup: '', kind: 'PersistentVolumeClaim', name: 'disk' },
        tokenSecretRef: 'secret-out',
      },
    },
  });
  const owner = { apiVersion, kind, name: 'out', uid: metadata.uid };
  await v.call('POST', SECRETS, {
    body: {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'secret-out', namespace: v.namespace, ownerReferences: [owner] },
      type: 'Opaque',
      stringData: { token: 'abcdefghijklmnopqrst' },
    },
  });
}

/** `guestfs disk`: a pod with the tools and the claim. */
async function guestfs(v: Virtctl): Promise<void> {
  const { registry, tag, imagePrefix } = await v.call('GET', GUESTFS);
  await v.call('GET', `${CLAIMS}/disk`);
  const { items } = await v.call('GET', PODS);
  assert.deepEqual(items, []);
  await v.call('POST', PODS, {
    body: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'libguestfs-tools-disk' },
      spec: {
        restartPolicy: 'Never',
        volumes: [{ name: 'volume', persistentVolumeClaim: { claimName: 'disk', readOnly: false } }],
        containers: [
          {
            name: 'libguestfs',
            image: `${registry}/${imagePrefix}libguestfs-tools:${tag}`,
            command: ['/entrypoint.sh'],
            env: [{ name: 'LIBGUESTFS_BACKEND', value: 'direct' }],
            stdin: true,
            tty: true,
            volumeMounts: [{ name: 'volume', mountPath: '/disk' }],
          },
        ],
      },
    },
  });
}

/** `credentials add-ssh-key vm --user=me --create-secret` */
async function addSshKey(v: Virtctl): Promise<void> {
  const { metadata, spec } = await v.call('GET', VM);
  const path = '/spec/template/spec/accessCredentials';
  await v.call('POST', SECRETS, {
    body: {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {
        name: 'vm-keys',
        ownerReferences: [
          { apiVersion: 'kubevirt.io/v1', kind: 'VirtualMachine', name: 'vm', uid: metadata.uid },
        ],
      },
      data: { 'ssh-key-1': Buffer.from(KEY).toString('base64') },
    },
  });
  const before = spec.template.spec.accessCredentials ?? null;
  const source = { secret: { secretName: 'vm-keys' } };
  const credential = { sshPublicKey: { source, propagationMethod: { qemuGuestAgent: { users: ['me'] } } } };
  await v.call('PATCH', VM, {
    type: JSON_PATCH,
    body: [
      { op: 'test', path, value: before },
      { op: 'add', path, value: [...(before ?? []), credential] },
    ],
  });
}

/** `credentials remove-ssh-key vm --user=me` leaves the Secret without the key. */
async function removeSshKey(v: Virtctl): Promise<void> {
  const { spec } = await v.call('GET', VM);
  const [{ sshPublicKey }] = spec.template.spec.accessCredentials;
  const where = `${SECRETS}/${sshPublicKey.source.secret.secretName}`;
  const { data } = await v.call('GET', where);
  await v.call('PATCH', where, {
    type: JSON_PATCH,
    body: [
      { op: 'test', path: '/data/ssh-key-1', value: data['ssh-key-1'] },
      { op: 'remove', path: '/data/ssh-key-1' },
    ],
  });
}

export const neighbours: Chapter<Virtctl> = {
  title: 'What goes with a machine',
  operations: [
    exposing('expose vm', VM),
    exposing('expose vmi', VMI),
    {
      name: 'vmexport create --pvc, vmexport delete',
      async run(v) {
        await createClaim(v, 'disk', { resources: { requests: { storage: '16Mi' } } });
        await createExport(v);
        const { status } = await v.until(`${EXPORTS}/out`, (found) => found.status?.phase === 'Ready');
        assert.equal(status.tokenSecretRef, 'secret-out');
        assert.equal(status.links.internal.volumes[0].name, 'disk');
        await v.call('DELETE', `${EXPORTS}/out`);
        await v.gone(`${EXPORTS}/out`);
        await v.gone(`${SECRETS}/secret-out`);
      },
    },
    {
      name: 'guestfs PVC',
      differs: 'The pod runs, but holds no shell to attach to: containers of the sandbox hold no programs.',
      async run(v) {
        await createClaim(v, 'disk');
        await guestfs(v);
        await v.until(`${PODS}/libguestfs-tools-disk`, ({ status }) => status.phase === 'Running');
        await v.until(`${CLAIMS}/disk`, ({ status }) => status.phase === 'Bound');
      },
    },
    {
      name: 'credentials add-ssh-key, credentials remove-ssh-key',
      async run(v) {
        await createVm(v, 'Halted');
        await addSshKey(v);
        await v.put('virtualmachines', 'vm', 'start', {});
        const { spec } = await v.until(VMI, ({ status }) => status?.phase === 'Running');
        assert.equal(spec.accessCredentials[0].sshPublicKey.source.secret.secretName, 'vm-keys');
        await removeSshKey(v);
        assert.equal((await v.see(`${SECRETS}/vm-keys`)).data?.['ssh-key-1'], undefined);
      },
    },
  ],
};
