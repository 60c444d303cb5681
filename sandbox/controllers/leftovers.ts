import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { ClusterApi } from '../api/objects';
import { type PersistentVolume, type PersistentVolumeClaim, PVCS, PVS } from './storage-types';
import { type VirtualMachineInstance, VMIS } from './types';

const SNAPSHOT_CONTENTS = 'volumesnapshotcontents.snapshot.storage.k8s.io';
/** What is written beside a file, and renamed when it is whole: at the start nobody works on any. */
const DRAFT = /\.(new|copying|dumping|importing|uploading|draft|partial)(-\w+)?$/;

/** What a killed sandbox may have left below a directory: whose file it is says its name. */
interface Place {
  directory: string;
  /** The owner of an entry; undefined for what is none of ours to judge. */
  ownerOf(name: string): string | undefined;
  lives(owner: string): boolean;
}

function places(cluster: ClusterApi, directory: string): Place[] {
  const instances = new Set(cluster.list<VirtualMachineInstance>(VMIS).map(({ metadata }) => metadata.uid));
  const volumes = new Set(cluster.list<PersistentVolume>(PVS).map(({ metadata }) => metadata.name));
  for (const { metadata, spec } of cluster.list<PersistentVolumeClaim>(PVCS)) {
    volumes.add(spec.volumeName ?? '').add(`pvc-${metadata.uid}`);
  }
  const contents = new Set(cluster.list(SNAPSHOT_CONTENTS).map(({ metadata }) => metadata.name));
  const isInstance = (uid: string) => instances.has(uid);
  const disks = path.join(directory, 'disks');
  const withEnding = (ending: string) => (name: string) =>
    name.endsWith(ending) ? name.slice(0, -ending.length) : undefined;
  return [
    { directory: disks, ownerOf: withEnding('.img'), lives: (name) => volumes.has(name) },
    { directory: disks, ownerOf: withEnding('.snapshot'), lives: (name) => contents.has(name) },
    { directory: path.join(disks, 'scratch'), ownerOf: (name) => name, lives: isInstance },
    { directory: path.join(directory, 'instances'), ownerOf: (name) => name, lives: isInstance },
    { directory: path.join(directory, 'guest-specs'), ownerOf: withEnding('.json'), lives: isInstance },
  ];
}

/**
 * Removes the files of objects that are gone, and halves of files, which a sandbox leaves behind when it is killed
 * between the end of an object and that of its bytes. Called before anything works on them.
 * Returns the paths of what it removed.
 */
export async function sweepLeftovers(cluster: ClusterApi, directory: string): Promise<string[]> {
  const removed: string[] = [];
  for (const place of places(cluster, directory)) {
    for (const name of await readdir(place.directory).catch(() => [])) {
      const owner = place.ownerOf(name);
      const isLeft = DRAFT.test(name) || (owner !== undefined && !place.lives(owner));
      if (!isLeft) continue;
      const file = path.join(place.directory, name);
      await rm(file, { recursive: true, force: true });
      removed.push(file);
    }
  }
  return removed;
}
