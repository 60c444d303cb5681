import { ACCESS } from '@/lib/kinds/abilities';
import { text } from '@/lib/text';
import type { BulkAction } from './bulk-action';
import { moveIfStillThere } from './drop';
import { isInFolder } from './labels';
import { movedFolder } from './tree';

const SOON_MS = 15_000;

/**
 * Renames or dissolves a folder: every VM in it, and in the folders inside, comes to lie in the new one. Offered at the
 * folder and not among the actions for VMs. What somebody moves elsewhere meanwhile stays there.
 */
export const MOVE_FOLDER: BulkAction = {
  id: 'move-folder',
  label: 'tree.moveFolder.label',
  doing: 'tree.moveFolder.doing',
  done: 'tree.moveFolder.done',
  tone: 'normal',
  group: 'organise',
  access: ACCESS.patchVm,
  unavailable: (row, { folder }) => {
    if (row.facts.deleting) return text('vm.reason.beingDeleted');
    return folder && isInFolder(row.folder, folder.from) ? undefined : text('tree.moveFolder.elsewhere');
  },
  calls: (ref, row, { folder }) =>
    folder ? [moveIfStillThere(ref, row, movedFolder(row.folder, folder.from, folder.to))] : [],
  settled: (before, now, { folder }) => {
    if (!now || now.uid !== before.uid || !folder) return 'failed';
    return isInFolder(now.folder, folder.from) ? undefined : 'done';
  },
  patienceMs: () => SOON_MS,
};
