import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestSandbox, testVm } from './testing';

const CORE = '/api/v1/namespaces/lab';
let sandbox: TestSandbox;

beforeAll(async () => {
  sandbox = await TestSandbox.start();
  await sandbox.createNamespace('lab');
  await sandbox.createVm(testVm('vm', 'Always'), 'lab');
  await sandbox.createVm(testVm('off', 'Halted'), 'lab');
  await sandbox.untilStatus('lab', 'vm', 'Running');
});
afterAll(() => sandbox.close());

async function claim(name: string, storage: string, more: object = {}): Promise<void> {
  const { status } = await sandbox.ask('POST', `${CORE}/persistentvolumeclaims`, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } }, ...more },
  });
  expect(status).toBe(201);
}

const untilPhase = (phase: string) =>
  sandbox.until(
    () => sandbox.vm('lab', 'vm'),
    ({ body }) => body.status.memoryDumpRequest?.phase === phase,
    `the dump is ${phase}`,
  );
const names = (list: { name: string }[] | undefined) => list?.map(({ name }) => name) ?? [];

describe('a memory dump', () => {
  test('is refused for claims that cannot hold it', async () => {
    await claim('blocks', '1Gi', { volumeMode: 'Block' });
    await claim('readers', '1Gi', { accessModes: ['ReadOnlyMany'] });
    await claim('small', '100Mi');
    const refusals: [name: string, code: number, message: string][] = [
      ['', 400, 'Memory dump requires claim name to be set'],
      ['none', 404, 'persistentvolumeclaim.kubevirt.io "none" not found'],
      ['blocks', 409, 'pvc should be filesystem pvc'],
      ['readers', 409, "pvc access mode can't be read only"],
      ['small', 409, 'pvc size [104858k] should be bigger then [242Mi]'],
    ];
    for (const [claimName, code, message] of refusals) {
      const { status, body } = await sandbox.act('lab', 'vm', 'memorydump', { claimName });
      expect([claimName, status]).toEqual([claimName, code]);
      expect(body.message).toContain(message);
    }
    const off = await sandbox.act('lab', 'off', 'memorydump', { claimName: 'small' });
    expect(off.body.message).toBe('virtualmachineinstance.kubevirt.io "off" not found');
    const none = await sandbox.act('lab', 'vm', 'removememorydump');
    expect(none.body.message).toContain(
      "can't remove memory dump association for vm vm, no association found",
    );
  });

  test('ends in the claim, and its volume in the template alone', async () => {
    await claim('dump', '1Gi');
    expect((await sandbox.act('lab', 'vm', 'memorydump', { claimName: 'dump' })).status).toBe(202);
    const twice = await sandbox.act('lab', 'vm', 'memorydump', { claimName: 'dump' });
    expect(twice.body.message).toContain('memory dump request for pvc [dump] already in progress');
    const attached = await sandbox.until(
      () => sandbox.vmi('lab', 'vm'),
      ({ body }) => body.status.volumeStatus?.some(({ memoryDumpVolume }: never) => memoryDumpVolume),
      'the volume is attached',
    );
    expect(attached.body.spec.volumes.at(-1)).toEqual({
      name: 'dump',
      memoryDump: { claimName: 'dump', hotpluggable: true },
    });
    const { body } = await untilPhase('Completed');
    const request = body.status.memoryDumpRequest;
    expect(request.fileName).toMatch(/^vm-dump-\d{8}-\d{6}\.memory\.dump$/);
    expect(Date.parse(request.endTimestamp)).toBeGreaterThanOrEqual(Date.parse(request.startTimestamp));
    expect(names(body.spec.template.spec.volumes)).toContain('dump');
    expect(body.status.conditions.some(({ type }: { type: string }) => type === 'RestartRequired')).toBe(
      false,
    );
    const vmi = await sandbox.vmi('lab', 'vm');
    expect(names(vmi.body.spec.volumes)).not.toContain('dump');
    expect(names(vmi.body.status.volumeStatus)).not.toContain('dump');
    const pvc = await sandbox.ask('GET', `${CORE}/persistentvolumeclaims/dump`);
    expect(pvc.body.metadata.annotations['kubevirt.io/memory-dump']).toBe(request.fileName);
  });

  test('goes into the same claim again, and into no other', async () => {
    await claim('other', '1Gi');
    const other = await sandbox.act('lab', 'vm', 'memorydump', { claimName: 'other' });
    expect(other.body.message).toContain(
      "can't request memory dump for pvc [other] while pvc [dump] is still associated as the memory dump pvc",
    );
    expect((await sandbox.act('lab', 'vm', 'memorydump', {})).status).toBe(202);
    await untilPhase('Completed');
  });

  test('leaves the VM when it is let go', async () => {
    expect((await sandbox.act('lab', 'vm', 'removememorydump')).status).toBe(202);
    await sandbox.until(
      () => sandbox.vm('lab', 'vm'),
      ({ body }) => body.status.memoryDumpRequest === undefined,
      'the association is gone',
    );
    const { body } = await sandbox.vm('lab', 'vm');
    expect(names(body.spec.template.spec.volumes)).toEqual(['root']);
  });
});
