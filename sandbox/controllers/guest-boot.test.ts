import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bootDisk } from '../guests/testing-boot-disk';
import { type BootCandidate, chooseBoot } from './guest-boot';
import type { VirtualMachineInstance } from './types';

const KEPT = { directory: '/kept', instanceDirectory: '/instance' };
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'portlight-boot-'));
  await writeFile(path.join(directory, 'system'), bootDisk());
  await writeFile(path.join(directory, 'empty'), Buffer.alloc(65_536));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

function candidate(name: string, origin: BootCandidate['origin'], bootOrder?: number): BootCandidate {
  const file = path.join(directory, name);
  const disk = { name, path: file, role: 'data', readOnly: false } as const;
  return {
    disk: bootOrder === undefined ? disk : { ...disk, bootOrder },
    origin,
    contents: { path: file, format: 'raw' },
  };
}

/** Only what is read of an instance. */
function instance(domain: object = {}): VirtualMachineInstance {
  const metadata = { name: 'a', uid: 'u', resourceVersion: '1', creationTimestamp: '' };
  const spec = { domain: { devices: {}, ...domain } };
  return {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachineInstance',
    metadata,
    spec,
  } as VirtualMachineInstance;
}

describe('chooseBoot', () => {
  it('takes the first disk in the boot order that has a system', async () => {
    const found = await chooseBoot(
      instance(),
      [candidate('built-in', 'built-in'), candidate('empty', 'volume', 1), candidate('system', 'volume', 2)],
      KEPT,
    );
    expect(found.boot).toEqual({ kind: 'disk', firmware: 'bios', secureBoot: false });
    expect(found.first?.name).toBe('system');
  });

  it('boots the built-in system from its own disk, and where no disk has one', async () => {
    const own = [candidate('built-in', 'built-in'), candidate('system', 'volume')];
    expect(await chooseBoot(instance(), own, KEPT)).toEqual({ boot: { kind: 'built-in' } });
    expect(await chooseBoot(instance(), [candidate('empty', 'volume')], KEPT)).toEqual({
      boot: { kind: 'built-in' },
    });
  });

  it('lets firmware say what is wrong with an image that was pulled', async () => {
    const found = await chooseBoot(instance(), [candidate('empty', 'pulled')], KEPT);
    expect(found).toMatchObject({ boot: { kind: 'disk' }, first: { name: 'empty' } });
  });

  it('tries no disk without an order where another has one', async () => {
    const disks = [candidate('built-in', 'built-in'), candidate('empty', 'volume', 1)];
    const found = await chooseBoot(instance(), disks, KEPT);
    expect(found).toMatchObject({ boot: { kind: 'disk', firmware: 'bios' }, first: { name: 'empty' } });
  });

  it('reads firmware and TPM as KubeVirt does', async () => {
    const system = [candidate('system', 'volume')];
    const bootOf = async (domain: object) => (await chooseBoot(instance(domain), system, KEPT)).boot;
    expect(await bootOf({ firmware: { bootloader: { efi: {} } }, devices: { tpm: {} } })).toEqual({
      ...{ kind: 'disk', firmware: 'efi', secureBoot: true, tpm: '/instance/tpm' },
    });
    const persistent = { firmware: { bootloader: { efi: { secureBoot: false, persistent: true } } } };
    expect(await bootOf({ ...persistent, devices: { tpm: { persistent: true } } })).toEqual({
      ...{ kind: 'disk', firmware: 'efi', secureBoot: false },
      ...{ nvram: '/kept/nvram.fd', tpm: '/kept/tpm' },
    });
    expect(await bootOf({ devices: { tpm: { enabled: false } } })).not.toHaveProperty('tpm');
  });
});
