import type { Field } from './field';
import { GENERAL_FIELDS } from './general-fields';
import { SIZE_FIELDS } from './size-fields';

/** Every field that the sections of a VM's form edit. */
export const ALL_FIELDS: readonly Field<unknown>[] = [...GENERAL_FIELDS, ...SIZE_FIELDS];
