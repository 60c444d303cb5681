import { MERGE_PATCH } from '@/lib/k8s/patch';
import { resourcePath } from '@/lib/k8s/resource';
import { ACCESS } from '@/lib/kinds/abilities';
import { RESOURCES } from '@/lib/kinds/resources';
import { type MessageKey, text } from '@/lib/text';
import type { BulkAction, BulkInput, BulkQuestion } from './bulk-action';
import { folderChange, type LabelChange, openChange } from './labels';
import type { VmRow } from './row';

const SOON_MS = 15_000;

/** Nothing left of a change means that somebody looked at a row that has it. */
const isMade = (row: VmRow, change: LabelChange) => Object.keys(openChange(row.labels, change)).length === 0;

const labelAction = (
  id: string,
  key: 'folder' | 'noFolder' | 'addTag' | 'removeTag' | 'addLabel' | 'removeLabel',
  question: { asks: BulkQuestion } | { input: BulkInput },
): BulkAction => {
  const message = <Part extends 'label' | 'doing' | 'done'>(part: Part) =>
    `bulk.organise.${key}.${part}` as const satisfies MessageKey;
  return {
    id,
    label: message('label'),
    doing: message('doing'),
    done: message('done'),
    tone: 'normal',
    group: 'organise',
    access: ACCESS.patchVm,
    ...question,
    unavailable: (row, { change = {} }) => {
      if (row.facts.deleting) return text('vm.reason.beingDeleted');
      // Before anything is asked for, nothing is so already.
      const isAsked = Object.keys(change).length > 0;
      return isAsked && isMade(row, change) ? text('bulk.reason.already') : undefined;
    },
    calls: ({ namespace, name }, row, { change = {} }) => [
      {
        method: 'PATCH',
        path: resourcePath(RESOURCES.virtualMachines, namespace, name),
        contentType: MERGE_PATCH,
        // Not another VM that has taken the name meanwhile: the API refuses a change of uid.
        body: { metadata: { uid: row.uid, labels: openChange(row.labels, change) } },
      },
    ],
    settled: (before, now, { change = {} }) => {
      if (!now || now.uid !== before.uid) return 'failed';
      return isMade(now, change) ? 'done' : undefined;
    },
    patienceMs: () => SOON_MS,
  };
};

/** What changes the labels of many VMs. Its input's `change` comes from `folderChange`, `tagChange` or a plain label. */
export const BULK_LABEL_ACTIONS: readonly BulkAction[] = [
  labelAction('move-to-folder', 'folder', { asks: 'folder' }),
  labelAction('leave-folder', 'noFolder', { input: { change: folderChange('') } }),
  labelAction('add-tag', 'addTag', { asks: 'tag' }),
  labelAction('remove-tag', 'removeTag', { asks: 'tagOf' }),
  labelAction('add-label', 'addLabel', { asks: 'label' }),
  labelAction('remove-label', 'removeLabel', { asks: 'labelOf' }),
];
