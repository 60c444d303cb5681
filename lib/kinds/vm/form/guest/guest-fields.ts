import { valueAt, withValueAt, wordAt } from '@/lib/k8s/json';
import { type Field, GUEST, type VmManifest } from '../field';
import { field } from '../make-field';
import { CLOUD_INIT_SOURCES, type CloudInitSource, findCloudInit, withCloudInitSource } from './cloud-init';
import { ACCESS_CREDENTIALS } from './credentials';

const VOLUMES = [...GUEST, 'volumes'] as const;

/** How cloud-init's texts reach the guest; undefined without cloud-init. */
const SOURCE: Field<CloudInitSource | undefined> = field({
  id: 'cloud-init-source',
  paths: CLOUD_INIT_SOURCES.map((source) => [...VOLUMES, source].join('.')),
  read: (vm) => findCloudInit(vm)?.source,
  write: (vm, source) => (source ? withCloudInitSource({ vm, others: [] }, source).vm : vm),
});

/** User data that stands in the VM itself, plain. */
const USER_DATA: Field<string> = field({
  id: 'cloud-init-user-data',
  paths: [],
  read: (vm) => wordAt(vm, pathIn(vm)),
  write: (vm, value) =>
    typeof valueAt(vm, pathIn(vm)) === 'string' ? withValueAt(vm, pathIn(vm), value) : vm,
});

function pathIn(vm: VmManifest): (string | number)[] {
  const found = findCloudInit(vm);
  return found ? [...VOLUMES, found.index, found.source, 'userData'] : ['nowhere'];
}

/** The fields of the section that stand in the VM; the rest are edits of the draft, whose texts lie in Secrets too. */
export const GUEST_FIELDS = [SOURCE, USER_DATA, ACCESS_CREDENTIALS] as const;

/** What the section edits, to lead from a problem to it. */
export const GUEST_PATHS = [
  ...GUEST_FIELDS.flatMap(({ paths }) => paths),
  `${VOLUMES.join('.')}.sysprep`,
] as const;
