import { ACCESS } from '@/lib/kinds/abilities';
import { type Text, text } from '@/lib/text';
import type { BulkAction } from './bulk-action';
import type { VmBulkEdit } from './bulk-edit-input';
import type { VmRow } from './row';

const SOON_MS = 15_000;

/** Whether there is nothing in it. */
export function isEmptyEdit(edit: VmBulkEdit): boolean {
  return Object.values(edit).every(
    (part) =>
      part === undefined || part === '' || (typeof part === 'object' && Object.keys(part).length === 0),
  );
}

/** Why an edit makes no sense for a VM; undefined when it does. */
export function editUnavailable(row: VmRow, edit: VmBulkEdit): Text | undefined {
  if (row.facts.deleting) return text('vm.reason.beingDeleted');
  const isOwnSize = edit.vcpus !== undefined || edit.memory !== undefined;
  // virt-api: 422 "VM field(s) … conflicts with selected instance type".
  return isOwnSize && row.instancetype
    ? text('configure.bulk.hasType', { type: row.instancetype })
    : undefined;
}

/** Changes fields of many VMs, each by a patch made from what it is by then. */
export const BULK_EDIT: BulkAction = {
  id: 'edit',
  label: 'configure.bulk.label',
  doing: 'configure.bulk.doing',
  done: 'configure.bulk.done',
  tone: 'normal',
  group: 'organise',
  access: ACCESS.patchVm,
  asks: 'edit',
  unavailable: (row, { edit = {} }) => editUnavailable(row, edit),
  calls: (_ref, _row, _input, { edit }) => (edit ? [edit] : []),
  patienceMs: () => SOON_MS,
};
