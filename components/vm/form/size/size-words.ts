import type { Say } from '@/components/ui/text';
import type { SizeOffer } from '@/lib/kinds/vm/form/instance-type';
import { formatBytes } from '@/lib/units';

/** `2 CPUs, 4 GiB`, as far as an instance type says it. */
export function amountsText(t: Say, { vcpus, memory, memoryBytes }: SizeOffer): string {
  return [
    vcpus > 0 ? t('compute.size.cpus', { count: vcpus }) : '',
    memoryBytes > 0 ? formatBytes(memoryBytes) : memory,
  ]
    .filter(Boolean)
    .join(', ');
}

/** What else an instance type brings or needs, e.g. `dedicated CPUs`. */
export function traitsText(t: Say, offer: SizeOffer): string {
  return [
    offer.isDedicated ? t('compute.size.dedicated') : '',
    offer.hugepages ? t('compute.size.hugepages', { page: offer.hugepages }) : '',
    offer.isRealtime ? t('compute.size.realtime') : '',
    offer.overcommitPercent > 0 ? t('compute.size.overcommit', { percent: offer.overcommitPercent }) : '',
    offer.devices > 0 ? t('compute.size.devices', { count: offer.devices }) : '',
  ]
    .filter(Boolean)
    .join(' · ');
}

/** `U1, general purpose`; the namespace's own have no series. */
export function seriesText(t: Say, { id, title }: { id: string; title: string }): string {
  if (id === 'own' || id.startsWith('own ')) return t('compute.size.ofNamespace');
  if (id === '') return t('compute.size.noSeries');
  return title ? `${title} (${id})` : id;
}
