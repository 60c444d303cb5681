import { DEVICE_FIELDS } from './device-fields';
import { DISK_FIELDS } from './disk-fields';
import type { Field } from './field';
import { FIRMWARE_FIELDS } from './firmware-fields';
import { GENERAL_FIELDS } from './general-fields';
import { GUEST_FIELDS } from './guest/guest-fields';
import { LABEL_FIELDS } from './label-fields';
import { NETWORK_FIELDS } from './networks/network-fields';
import { SCHEDULING_FIELDS } from './scheduling-fields';
import { SIZE_FIELDS } from './size-fields';

/** Every field that the sections of a VM's form edit. */
export const ALL_FIELDS: readonly Field<unknown>[] = [
  ...GENERAL_FIELDS,
  ...SIZE_FIELDS,
  ...DISK_FIELDS,
  ...NETWORK_FIELDS,
  ...GUEST_FIELDS,
  ...FIRMWARE_FIELDS,
  ...SCHEDULING_FIELDS,
  ...DEVICE_FIELDS,
  ...LABEL_FIELDS,
];
