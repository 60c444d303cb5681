import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Cluster, createCluster } from '../api/store';
import { sweepLeftovers } from './leftovers';

let directory: string;
let cluster: Cluster;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'leftovers-'));
  cluster = createCluster({ directory: undefined });
});
afterEach(async () => {
  cluster.close();
  await rm(directory, { recursive: true });
});

async function put(...files: string[]): Promise<void> {
  for (const file of files) {
    await mkdir(path.dirname(path.join(directory, file)), { recursive: true });
    await writeFile(path.join(directory, file), 'bytes');
  }
}

it('removes the bytes of what is gone and halves of files, and nothing else', async () => {
  cluster.create('persistentvolumes', {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: 'pv-kept' },
    spec: {},
  });
  const claim = cluster.create('persistentvolumeclaims', {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'waits', namespace: 'default' },
    spec: {},
  });
  const vmi = cluster.create('virtualmachineinstances.kubevirt.io', {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachineInstance',
    metadata: { name: 'vm', namespace: 'default' },
    spec: {},
  });
  const kept = [
    'disks/pv-kept.img',
    `disks/pvc-${claim.metadata.uid}.img`,
    `disks/scratch/${vmi.metadata.uid}/extra.img`,
    `instances/${vmi.metadata.uid}/root.img`,
    `guest-specs/${vmi.metadata.uid}.json`,
    'disks/notes.txt',
  ];
  const left = [
    'disks/pv-gone.img',
    'disks/pv-kept.img.copying',
    'disks/snapcontent-1.snapshot',
    'disks/scratch/gone/extra.img',
    'instances/gone/root.img',
    'guest-specs/gone.json',
    `guest-specs/${vmi.metadata.uid}.json.new`,
  ];
  await put(...kept, ...left);
  await sweepLeftovers(cluster, directory);
  const files = await readdir(directory, { recursive: true, withFileTypes: true });
  const found = files
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(directory, path.join(entry.parentPath, entry.name)));
  expect(found.sort()).toEqual(kept.sort());
});

it('finds nothing to do in a new directory', async () => {
  expect(await sweepLeftovers(cluster, path.join(directory, 'nowhere'))).toEqual([]);
});
