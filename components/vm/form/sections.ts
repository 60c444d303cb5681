import type { ComponentType } from 'react';
import { DEVICE_FIELDS } from '@/lib/kinds/vm/form/device-fields';
import { DISK_FIELDS } from '@/lib/kinds/vm/form/disk-fields';
import { FIRMWARE_FIELDS } from '@/lib/kinds/vm/form/firmware-fields';
import { GENERAL_FIELDS } from '@/lib/kinds/vm/form/general-fields';
import { GUEST_PATHS } from '@/lib/kinds/vm/form/guest/guest-fields';
import { LABEL_FIELDS } from '@/lib/kinds/vm/form/label-fields';
import { NETWORK_FIELDS } from '@/lib/kinds/vm/form/networks/network-fields';
import { SCHEDULING_FIELDS } from '@/lib/kinds/vm/form/scheduling-fields';
import { SIZE_FIELDS } from '@/lib/kinds/vm/form/size-fields';
import type { MessageKey } from '@/lib/text';
import { DevicesSection } from './devices/devices-section';
import { DisksSection } from './disks/disks-section';
import { FirmwareSection } from './firmware/firmware-section';
import { GeneralSection } from './general/general-section';
import { GuestSection } from './guest/guest-section';
import { LabelsSection } from './labels/labels-section';
import { NetworksSection } from './networks/networks-section';
import { SchedulingSection } from './scheduling/scheduling-section';
import { SizeSection } from './size/size-section';

/** A part of a VM's form: a step of creation, and a part of the configuration of a VM that exists. */
export interface VmSection {
  /** Stable: part of addresses. */
  id: string;
  title: MessageKey;
  /** Shows and edits its part of the draft by `useVmForm` and `useField`; takes no properties. */
  Component: ComponentType;
  /** What it edits (`spec.template.spec.networks`), to lead from a problem to the section. */
  paths: readonly string[];
  modes: readonly ('create' | 'configure')[];
}

/** In the order in which they show. */
export const VM_SECTIONS: readonly VmSection[] = [
  {
    id: 'general',
    title: 'compute.general.title',
    Component: GeneralSection,
    paths: GENERAL_FIELDS.flatMap(({ paths }) => paths),
    modes: ['create', 'configure'],
  },
  {
    id: 'size',
    title: 'compute.size.title',
    Component: SizeSection,
    paths: SIZE_FIELDS.flatMap(({ paths }) => paths),
    modes: ['create', 'configure'],
  },
  {
    id: 'disks',
    title: 'disks.section.title',
    Component: DisksSection,
    paths: DISK_FIELDS.flatMap(({ paths }) => paths),
    modes: ['create', 'configure'],
  },
  {
    id: 'networks',
    title: 'networks.title',
    Component: NetworksSection,
    paths: NETWORK_FIELDS.flatMap(({ paths }) => paths),
    modes: ['create', 'configure'],
  },
  {
    id: 'guest',
    title: 'guest.title',
    Component: GuestSection,
    paths: GUEST_PATHS,
    modes: ['create', 'configure'],
  },
  {
    id: 'firmware',
    title: 'devices.firmware',
    Component: FirmwareSection,
    paths: FIRMWARE_FIELDS.flatMap(({ paths }) => paths),
    modes: ['create', 'configure'],
  },
  {
    id: 'scheduling',
    title: 'scheduling.title',
    Component: SchedulingSection,
    paths: SCHEDULING_FIELDS.flatMap(({ paths }) => paths),
    modes: ['create', 'configure'],
  },
  {
    id: 'devices',
    title: 'devices.title',
    Component: DevicesSection,
    paths: DEVICE_FIELDS.flatMap(({ paths }) => paths),
    modes: ['create', 'configure'],
  },
  {
    id: 'labels',
    title: 'devices.labels.title',
    Component: LabelsSection,
    paths: LABEL_FIELDS.flatMap(({ paths }) => paths),
    modes: ['create', 'configure'],
  },
];
