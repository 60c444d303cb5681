import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runDirectoryFor } from './guests/run-directory';
import { bootDisk } from './guests/testing-boot-disk';
import { makeTar, TestRegistry } from './registry/testing';
import { TestSandbox, testVm } from './testing';

const NAMESPACE = 'boots';
const BOOT_MS = 50_000;
let registry: TestRegistry;
let sandbox: TestSandbox;
let image: string;

beforeAll(async () => {
  [registry, sandbox] = await Promise.all([TestRegistry.start(), TestSandbox.start({ guests: true })]);
  await sandbox.createNamespace(NAMESPACE);
  const layer = gzipSync(
    makeTar([
      { path: 'disk/', type: '5' },
      { path: 'disk/disk.img', bytes: bootDisk() },
    ]),
  );
  const pushed = await registry.push('lab/own', 'amd64', [layer]);
  await registry.pushList('lab/own', '1', [
    { image: await registry.push('lab/own', 'arm64', [gzipSync(makeTar([]))]), architecture: 'arm64' },
    { image: pushed, architecture: 'amd64' },
  ]);
  image = `${registry.host}/lab/own:1`;
});

afterAll(async () => {
  await Promise.all([sandbox?.close(), registry?.close()]);
});

function vmOf(name: string, domain: object = {}, devices: object = {}): object {
  return testVm(name, 'Always', (spec) => {
    spec.terminationGracePeriodSeconds = 0;
    spec.domain = { ...spec.domain, ...domain, devices: { ...spec.domain.devices, ...devices } };
    spec.volumes = [{ name: 'root', containerDisk: { image } }];
  });
}

const efi = (secureBoot: boolean, persistent: boolean) => ({
  firmware: { bootloader: { efi: { secureBoot, persistent } } },
  ...(secureBoot ? { features: { smm: { enabled: true } } } : {}),
});

/** Waits for words on the serial line of the machine's present instance. */
async function untilPrinted(name: string, words: RegExp): Promise<string> {
  const deadline = Date.now() + BOOT_MS;
  let text = '';
  for (;;) {
    const { uid } = (await sandbox.vmi(NAMESPACE, name)).body.metadata ?? {};
    const log = path.join(runDirectoryFor(sandbox.directory), `${uid}`, 'serial.log');
    text = await readFile(log, 'latin1').catch(() => '');
    if (words.test(text)) return text;
    if (Date.now() > deadline) {
      const { body } = await sandbox.vmi(NAMESPACE, name);
      throw new Error(
        `${words} did not come: ${text.slice(-800)} ${JSON.stringify(body.status?.conditions)}`,
      );
    }
    await delay(100);
  }
}

/** Ends the machine and starts it again, as a new instance. */
async function restart(name: string): Promise<void> {
  const { uid } = (await sandbox.vmi(NAMESPACE, name)).body.metadata;
  await sandbox.act(NAMESPACE, name, 'restart');
  await sandbox.until(
    () => sandbox.vmi(NAMESPACE, name),
    ({ body }) => body.metadata?.uid !== undefined && body.metadata.uid !== uid,
    `${name} has a new instance`,
  );
}

describe('a container disk that was pulled', () => {
  it('boots as it is by BIOS; what it writes lasts as long as its instance, and the image stays', async () => {
    await sandbox.createVm(vmOf('bios'), NAMESPACE);
    await untilPrinted('bios', /own words by BIOS, boots of this disk: 0/);
    await sandbox.untilStatus(NAMESPACE, 'bios', 'Running');
    const [disk = ''] = await readdir(path.join(sandbox.directory, 'images/disks'));
    const kept = path.join(sandbox.directory, 'images/disks', disk);
    const sum = async () =>
      createHash('sha256')
        .update(await readFile(kept))
        .digest('hex');
    expect(await sum()).toBe(createHash('sha256').update(bootDisk()).digest('hex'));

    await sandbox.actOnInstance(NAMESPACE, 'bios', 'reset');
    await untilPrinted('bios', /boots of this disk: 1/);
    expect(await sum()).toBe(createHash('sha256').update(bootDisk()).digest('hex'));
    const asked = registry.accessLog().length;
    await restart('bios');
    await untilPrinted('bios', /boots of this disk: 0/);
    expect(registry.accessLog()).toHaveLength(asked);
    await sandbox.deleteVm(NAMESPACE, 'bios');
  });

  it('boots from the claim that CDI brought it to, and there what it writes stays', async () => {
    const volumes = `/apis/cdi.kubevirt.io/v1beta1/namespaces/${NAMESPACE}/datavolumes`;
    await sandbox.ask('POST', volumes, {
      apiVersion: 'cdi.kubevirt.io/v1beta1',
      kind: 'DataVolume',
      metadata: { name: 'own', annotations: { 'cdi.kubevirt.io/storage.bind.immediate.requested': 'true' } },
      spec: {
        source: { registry: { url: `docker://${image}` } },
        storage: { resources: { requests: { storage: '16Mi' } }, accessModes: ['ReadWriteOnce'] },
      },
    });
    const vm = testVm('claim', 'Always', (spec) => {
      spec.terminationGracePeriodSeconds = 0;
      spec.volumes = [{ name: 'root', dataVolume: { name: 'own' } }];
    });
    await sandbox.createVm(vm, NAMESPACE);
    await untilPrinted('claim', /own words by BIOS, boots of this disk: 0/);
    await restart('claim');
    await untilPrinted('claim', /boots of this disk: 1/);
    await sandbox.deleteVm(NAMESPACE, 'claim');
  });

  it('boots by UEFI with a TPM; variables and TPM that are persistent outlast the instance', async () => {
    const vm = vmOf('uefi', efi(false, true), { tpm: { persistent: true } });
    await sandbox.createVm(vm, NAMESPACE);
    await untilPrinted('uefi', /own words by UEFI, a TPM, boots of these variables: 0\nvariable written/);
    await restart('uefi');
    await untilPrinted('uefi', /boots of these variables: 1\nvariable written/);
    const { uid } = (await sandbox.vm(NAMESPACE, 'uefi')).body.metadata;
    const state = path.join(sandbox.directory, 'persistent-state');
    expect(await readdir(path.join(state, uid, 'tpm'))).toContain('tpm2-00.permall');
    await sandbox.deleteVm(NAMESPACE, 'uefi');
    await expect.poll(() => readdir(state), { timeout: 20_000 }).toEqual([]);
  });

  it('is refused by secure boot, which nobody of its trust has signed', async () => {
    await sandbox.createVm(vmOf('secure', efi(true, false)), NAMESPACE);
    const text = await untilPrinted('secure', /Access Denied|Security Violation/);
    expect(text).not.toContain('own words');
    await sandbox.deleteVm(NAMESPACE, 'secure');
  });
});
