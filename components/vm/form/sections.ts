import type { ComponentType } from 'react';
import { DISK_FIELDS } from '@/lib/kinds/vm/form/disk-fields';
import { GENERAL_FIELDS } from '@/lib/kinds/vm/form/general-fields';
import { GUEST_PATHS } from '@/lib/kinds/vm/form/guest/guest-fields';
import { NETWORK_FIELDS } from '@/lib/kinds/vm/form/networks/nics';
import { SCHEDULING_FIELDS } from '@/lib/kinds/vm/form/scheduling-fields';
import { SIZE_FIELDS } from '@/lib/kinds/vm/form/size-fields';
import type { MessageKey } from '@/lib/text';
import { DisksSection } from './disks/disks-section';
import { GeneralSection } from './general/general-section';
import { GuestSection } from './guest/guest-section';
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
    id: 'scheduling',
    title: 'scheduling.title',
    Component: SchedulingSection,
    paths: SCHEDULING_FIELDS.flatMap(({ paths }) => paths),
    modes: ['create', 'configure'],
  },
];
