import type { Ref } from '@/lib/k8s/object';
import type { ActionAccess, ActionGroup, ApiCall, Settlement } from '@/lib/kinds/action';
import type { MessageKey, Text } from '@/lib/text';
import type { VmBulkEdit } from './bulk-edit-input';
import type { DeleteInput } from './delete';
import type { VmFacts } from './facts';
import type { LabelChange } from './labels';
import type { VmRow } from './row';

/** What the dialog of a bulk action asks for; the same for all its VMs. */
export interface BulkInput {
  /** Delete: lets go of the disks that the VMs own. */
  keepDisks?: boolean;
  /** What to do to their labels. */
  change?: LabelChange;
  /** A folder that becomes another one, with everything in it; an empty `to` is no folder. */
  folder?: { from: string; to: string };
  /** What to change of their fields. */
  edit?: VmBulkEdit;
}

/** What has to be looked up for one VM right before its calls. */
export interface Prepared {
  /** For `delete` with `keepDisks`. */
  deletion?: DeleteInput;
  /** For `edit`: the patch that makes the VM what it is to be; absent when it is so already. */
  edit?: ApiCall;
}

export type BulkQuestion = 'keepDisks' | 'folder' | 'tag' | 'tagOf' | 'label' | 'labelOf' | 'edit';

/** Something that can be done with many VMs at once. */
export interface BulkAction {
  id: string;
  label: MessageKey;
  /** Sentences with `{name}`, which stands for the number of VMs. */
  doing: MessageKey;
  done: MessageKey;
  tone: 'normal' | 'danger';
  group: ActionGroup | 'organise';
  access: ActionAccess;
  /** What is lost, for what cannot be undone. */
  loss?: MessageKey;
  /** What the dialog asks for. */
  asks?: BulkQuestion;
  /** What it is run with when there is nothing to ask. */
  input?: BulkInput;
  /** Why it makes no sense for this VM now; undefined when it can run. */
  unavailable: (row: VmRow, input: BulkInput) => Text | undefined;
  calls: (ref: Ref, row: VmRow, input: BulkInput, prepared: Prepared) => ApiCall[];
  /** Absent when the API shows no trace of the effect. */
  settled?: (before: VmFacts, now: VmRow | undefined, input: BulkInput) => Settlement;
  patienceMs: (facts: VmFacts) => number;
}
