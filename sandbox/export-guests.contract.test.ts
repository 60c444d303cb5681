import { Agent, fetch } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Typist } from './guests/testing';
import { TestSandbox, testVm } from './testing';
import { ReadyExport } from './testing-exports';
import { GUEST_TEST, hasGuests, typistAt, untilAnswer } from './testing-guests';

const NS = 'travel';
const VOLUMES = `/apis/cdi.kubevirt.io/v1beta1/namespaces/${NS}/datavolumes`;
const SNAPSHOTS = `/apis/snapshot.kubevirt.io/v1beta1/namespaces/${NS}/virtualmachinesnapshots`;
/** The image of a DataVolume names nobody. */
const USER_DATA = '#cloud-config\nuser: fedora\npassword: fedora\nchpasswd: { expire: false }\n';
const TOKENS = `/apis/upload.cdi.kubevirt.io/v1beta1/namespaces/${NS}/uploadtokenrequests`;

describe.runIf(hasGuests)('the disk of a guest', () => {
  let sandbox: TestSandbox;
  let agent: Agent;

  beforeAll(async () => {
    sandbox = await TestSandbox.start({ guests: true });
    agent = new Agent({ connect: { ca: sandbox.ca } });
    await sandbox.createNamespace(NS);
  }, GUEST_TEST.timeout);
  afterAll(async () => {
    await agent?.destroy();
    await sandbox?.close();
  });

  const createVolume = (name: string, source: object) =>
    sandbox.ask('POST', VOLUMES, {
      apiVersion: 'cdi.kubevirt.io/v1beta1',
      kind: 'DataVolume',
      metadata: { name },
      spec: { source, storage: { resources: { requests: { storage: '64Mi' } } } },
    });
  const untilPhase = (name: string, phase: string) =>
    untilAnswer(
      () => sandbox.ask('GET', `${VOLUMES}/${name}`),
      ({ body }) => body.status?.phase === phase,
      `${name} is ${phase}`,
    );

  /** A machine whose only disk of its own is that DataVolume, and somebody at its console. */
  async function boot(name: string, volume: string): Promise<Typist> {
    const vm = testVm(name, 'Always', (spec) => {
      spec.volumes = [{ name: 'root', dataVolume: { name: volume } }];
      spec.domain.devices.disks.push({ name: 'login', disk: { bus: 'virtio' } });
      spec.volumes.push({ name: 'login', cloudInitNoCloud: { userData: USER_DATA } });
    });
    expect((await sandbox.createVm(vm, NS)).status).toBe(201);
    await untilAnswer(
      () => sandbox.vmi(NS, name),
      ({ body }) =>
        body.status?.conditions?.some(
          ({ type, status }: { type: string; status: string }) =>
            type === 'AgentConnected' && status === 'True',
        ),
      `the agent of ${name} answers`,
    );
    const typist = typistAt(sandbox, NS, name);
    await typist.login('fedora', 'fedora');
    return typist;
  }

  async function upload(name: string, image: Buffer): Promise<void> {
    await createVolume(name, { upload: {} });
    await untilPhase(name, 'UploadReady');
    const { body: config } = await sandbox.ask('GET', '/apis/cdi.kubevirt.io/v1beta1/cdiconfigs/config');
    const { body: asked } = await sandbox.ask('POST', TOKENS, {
      apiVersion: 'upload.cdi.kubevirt.io/v1beta1',
      kind: 'UploadTokenRequest',
      metadata: { name: 'token-for-virtctl' },
      spec: { pvcName: name },
    });
    const response = await fetch(`${config.status.uploadProxyURL}/v1beta1/upload-async`, {
      method: 'POST',
      dispatcher: agent,
      headers: { authorization: `Bearer ${asked.status.token}` },
      body: image,
    });
    expect(response.status).toBe(200);
    await untilPhase(name, 'Succeeded');
  }

  it('is exported while the guest runs, uploaded again, and boots with its files', GUEST_TEST, async () => {
    await createVolume('first-root', { registry: { url: 'docker://quay.io/containerdisks/fedora:42' } });
    const first = await boot('first', 'first-root');
    await first.run('head -c 1048576 /dev/urandom > ~/travels && sync');
    const sum = (await first.run('sha256sum < ~/travels')).trim();
    expect(sum).toMatch(/^[0-9a-f]{64}/);
    await sandbox.ask('POST', SNAPSHOTS, {
      apiVersion: 'snapshot.kubevirt.io/v1beta1',
      kind: 'VirtualMachineSnapshot',
      metadata: { name: 'moment' },
      spec: { source: { apiGroup: 'kubevirt.io', kind: 'VirtualMachine', name: 'first' } },
    });
    await untilAnswer(
      () => sandbox.ask('GET', `${SNAPSHOTS}/moment`),
      ({ body }) => body.status?.readyToUse === true,
      'the snapshot is ready',
    );
    await first.run('rm ~/travels && sync');
    const moment = await ReadyExport.of(sandbox, NS, 'out', {
      apiGroup: 'snapshot.kubevirt.io',
      kind: 'VirtualMachineSnapshot',
      name: 'moment',
    });
    const packed = await moment.get('/volumes/out-first-root/disk.img.gz');
    expect(packed.status).toBe(200);
    await upload('second-root', packed.body);
    const second = await boot('second', 'second-root');
    expect((await second.run('sha256sum < ~/travels')).trim()).toBe(sum);
  });
});
