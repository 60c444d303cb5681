import { bootOrderField } from './boot-order';
import { disksField } from './disk-entries';
import type { Field } from './field';

/** What the section "disks" edits. */
export const DISK_FIELDS: readonly Field<unknown>[] = [disksField, bootOrderField];
