import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256, TestVolumes, testDisk, WebServer } from './cdi/testing';
import type { Typist } from './guests/testing';
import { TestSandbox, testVm } from './testing';
import { addLogin, GUEST_TEST, hasGuests, typistAt, untilAnswer } from './testing-guests';

const NS = 'arrived';
const MIB = 2 ** 20;
const content = testDisk(2 * MIB, 11);

/** A file system with a file on it, as a packed qcow2. */
function packedFileSystem(directory: string): Buffer {
  const tree = path.join(directory, 'tree');
  mkdirSync(tree);
  writeFileSync(path.join(tree, 'cargo'), content);
  const raw = path.join(directory, 'cargo.img');
  const qcow2 = path.join(directory, 'cargo.qcow2');
  execFileSync('/sbin/mke2fs', ['-q', '-t', 'ext4', '-O', '^has_journal', '-d', tree, raw, '16M']);
  execFileSync('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', raw, qcow2]);
  return execFileSync('xz', ['-1', '-c', qcow2], { maxBuffer: 64 * MIB });
}

describe.runIf(hasGuests)('imported disks', () => {
  let sandbox: TestSandbox;
  let web: WebServer;
  let typist: Typist;
  let directory: string;

  const fileOn = async (serial: string) =>
    (
      await typist.run(
        `for d in /sys/block/vd*; do [ "$(cat $d/serial)" = ${serial} ] && sudo mkdir -p /mnt/${serial} && sudo mount -o ro /dev/$(basename $d) /mnt/${serial}; done; sha256sum /mnt/${serial}/cargo`,
      )
    ).split(/\s+/)[0];

  beforeAll(async () => {
    directory = mkdtempSync(path.join(tmpdir(), 'portlight-images-'));
    web = await WebServer.start();
    sandbox = await TestSandbox.start({ guests: true });
    await sandbox.createNamespace(NS);
    const volumes = new TestVolumes(sandbox, NS);
    const url = web.serve('cargo.qcow2.xz', packedFileSystem(directory));
    await volumes.create('cargo', { source: { http: { url } } });
    await volumes.create('root', {
      source: { registry: { url: 'docker://quay.io/containerdisks/fedora:43' } },
      storage: { resources: { requests: { storage: '256Mi' } } },
    });
    await volumes.untilPhase('cargo', 'Succeeded');
    await volumes.create('twin', { source: { pvc: { namespace: NS, name: 'cargo' } }, storage: {} });
    await volumes.untilPhase('twin', 'Succeeded');
    await volumes.untilPhase('root', 'Succeeded');
    const vm = testVm('reader', 'Always', (spec) => {
      spec.volumes = [{ name: 'root', dataVolume: { name: 'root' } }];
      addLogin(spec.domain.devices.disks, spec.volumes);
      for (const name of ['cargo', 'twin']) {
        spec.domain.devices.disks.push({ name, disk: { bus: 'virtio' }, serial: name });
        spec.volumes.push({ name, dataVolume: { name } });
      }
    });
    expect((await sandbox.createVm(vm, NS)).status).toBe(201);
    await untilAnswer(
      () => sandbox.vmi(NS, 'reader'),
      ({ body }) => body.status?.phase === 'Running',
      'the guest runs',
    );
    typist = typistAt(sandbox, NS, 'reader');
    await typist.login('cloud', 'fedora');
  }, GUEST_TEST.timeout);

  afterAll(async () => {
    await sandbox?.close();
    await web?.close();
    rmSync(directory, { recursive: true, force: true });
  });

  it('hold in the guest what was served, and so do their clones', GUEST_TEST, async () => {
    expect(await fileOn('cargo')).toBe(sha256(content));
    expect(await fileOn('twin')).toBe(sha256(content));
  });

  it('are what the built-in system lives on', GUEST_TEST, async () => {
    expect(await typist.run('grep " /home " /proc/mounts')).toMatch(/^\/dev\/vda \/home ext4/);
    const [, kilobytes = ''] = /(\d+)\s+\d+\s+\d+\s+\d+% \/home/.exec(await typist.run('df -k /home')) ?? [];
    expect(Number(kilobytes)).toBeGreaterThan(230 * 1024);
  });
});
