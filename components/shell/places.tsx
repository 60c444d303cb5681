import {
  CubesIcon,
  KeyIcon,
  PlusCircleIcon,
  TachometerAltIcon,
  ThLargeIcon,
  VirtualMachineIcon,
} from '@patternfly/react-icons';
import type { ReactNode } from 'react';
import { paths } from '@/lib/paths';
import type { MessageKey } from '@/lib/text';

/** A page of a cluster that the navigation and the palette lead to. */
export interface Place {
  href: string;
  label: MessageKey;
  icon: ReactNode;
  /** Pages whose address begins so belong to it as well. */
  also?: string;
}

/** The pages of a cluster, in the order of the navigation. */
export function placesOf(cluster: string): Place[] {
  return [
    { href: paths.cluster(cluster), label: 'shell.overview', icon: <TachometerAltIcon /> },
    {
      href: paths.vms(cluster),
      label: 'shell.virtualMachines',
      icon: <VirtualMachineIcon />,
      also: `${paths.cluster(cluster)}/ns/`,
    },
    { href: paths.screens(cluster), label: 'shell.screens', icon: <ThLargeIcon /> },
    {
      href: paths.createVm(cluster),
      label: 'shell.createVm',
      icon: <PlusCircleIcon />,
      also: `${paths.cluster(cluster)}/create/`,
    },
    {
      href: paths.objects(cluster),
      label: 'shell.objects',
      icon: <CubesIcon />,
      also: `${paths.objects(cluster)}/`,
    },
    { href: paths.access(cluster), label: 'shell.access', icon: <KeyIcon /> },
  ];
}
