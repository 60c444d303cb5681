import { open, readdir, readFile, readlink } from 'node:fs/promises';
import path from 'node:path';
import { runDirectoryFor } from '../guests/run-directory';

const SECTOR = 512;
const ACKNOWLEDGED = /^ACK (\d+)\r?$/gm;

/**
 * What the guest does all its life: it writes "block N" into sector N of its second disk, has it synced, and says so on
 * its serial line. After a restart it goes on behind the last number that sector 0 names.
 */
const WRITER = [
  'n=$(dd if=/dev/vdb bs=512 count=1 2>/dev/null | head -n 1 | tr -dc 0-9); [ "$n" ] || n=0',
  'put() { echo "$1" | dd of=/dev/vdb bs=512 seek=$2 conv=fsync,notrunc 2>/dev/null; }',
  'while :; do n=$((n + 1)); put "block $n" $n && put "$n" 0 && echo "ACK $n" > /dev/ttyS0; sleep 0.02; done',
].join('\n');

const USER_DATA = [
  '#cloud-config',
  'write_files:',
  '- path: /run/writer',
  '  permissions: "0755"',
  '  content: |',
  ...['#!/bin/sh', ...WRITER.split('\n')].map((line) => `    ${line}`),
  'runcmd:',
  '- setsid /run/writer < /dev/null > /dev/null 2>&1 &',
].join('\n');

/** A claim for the writer's disk. */
export const writersClaim = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'written' },
  spec: { accessModes: ['ReadWriteOnce'], volumeMode: 'Block', resources: { requests: { storage: '64Mi' } } },
};

/** A machine that writes to `writersClaim` as long as it runs, and is started again whenever it ends. */
export const writer = {
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachine',
  metadata: { name: 'writer' },
  spec: {
    runStrategy: 'Always',
    template: {
      spec: {
        terminationGracePeriodSeconds: 0,
        domain: {
          devices: {
            disks: ['root', 'data', 'seed'].map((name) => ({ name, disk: { bus: 'virtio' } })),
          },
          resources: { requests: { memory: '128Mi' } },
        },
        volumes: [
          { name: 'root', containerDisk: { image: 'quay.io/containerdisks/fedora:42' } },
          { name: 'data', persistentVolumeClaim: { claimName: 'written' } },
          { name: 'seed', cloudInitNoCloud: { userData: USER_DATA } },
        ],
      },
    },
  },
};

/** The numbers that the guest of an instance has said to be written, since its process began. */
export async function acknowledgedBlocks(directory: string, uid: string): Promise<number[]> {
  const log = path.join(runDirectoryFor(directory), uid, 'serial.log');
  const text = await readFile(log, 'latin1').catch(() => '');
  return [...text.matchAll(ACKNOWLEDGED)].map(([, number]) => Number(number));
}

/** Which of the blocks up to `last` are not on the disk. */
export async function lostBlocks(disk: string, last: number): Promise<number[]> {
  const handle = await open(disk, 'r');
  try {
    const lost: number[] = [];
    const sector = Buffer.alloc(SECTOR);
    for (let number = 1; number <= last; number++) {
      await handle.read(sector, 0, SECTOR, number * SECTOR);
      if (sector.toString('latin1').split('\n')[0] !== `block ${number}`) lost.push(number);
    }
    return lost;
  } finally {
    await handle.close();
  }
}

/** The QEMU processes that have a file open. */
export async function machinesWith(file: string): Promise<number[]> {
  const found: number[] = [];
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    const program = await readFile(`/proc/${pid}/comm`, 'latin1').catch(() => '');
    if (!program.startsWith('qemu-system')) continue;
    const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => []);
    const targets = await Promise.all(
      descriptors.map((name) => readlink(`/proc/${pid}/fd/${name}`).catch(() => '')),
    );
    if (targets.includes(file)) found.push(Number(pid));
  }
  return found;
}
