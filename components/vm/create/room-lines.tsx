'use client';

import { Alert, Icon } from '@patternfly/react-core';
import { ExclamationTriangleIcon, TachometerAltIcon } from '@patternfly/react-icons';
import { useText } from '@/components/ui/text';
import type { QuotaCost, RangeProblem } from '@/lib/kinds/vm/create/quota';
import { formatBytes, formatNumber } from '@/lib/units';
import styles from './create.module.css';
import type { RoomOutlook } from './use-room';

/** What the VMs take of each quota, and where there is no room for them: said before, not after. */
export function RoomLines({ outlook }: { outlook: RoomOutlook }) {
  const t = useText();
  const { costs, ranges, room, footprint } = outlook;
  const isFull = room !== undefined && room.open > 0 && room.fitting === 0 && footprint?.runs;
  return (
    <>
      {isFull && (
        <Alert
          isInline
          variant="warning"
          title={t('create.room.none', {
            memory: formatBytes(room.mostMemory),
            cpu: formatNumber(room.mostCpu),
          })}
        />
      )}
      {ranges.map((each) => (
        <Alert
          key={`${each.range} ${each.kind} ${each.resource}`}
          isInline
          variant="warning"
          title={t(`create.range.${each.kind}`, rangeValues(each))}
        />
      ))}
      {costs.length > 0 && (
        <ul className={styles.costs} aria-label={t('create.quota.label')}>
          {costs.map((cost) => (
            <li key={`${cost.quota} ${cost.resource}`} data-over={cost.isOver || undefined}>
              <Icon isInline status={cost.isOver ? 'danger' : 'info'}>
                {cost.isOver ? <ExclamationTriangleIcon /> : <TachometerAltIcon />}
              </Icon>{' '}
              {t(cost.isOver ? 'create.quota.over' : 'create.quota.takes', costValues(cost))}
            </li>
          ))}
        </ul>
      )}
    </>
  );

  function costValues({ quota, resource, unit, takes, used, hard, isApproximate }: QuotaCost) {
    const amount = (value: number) => (unit === 'bytes' ? formatBytes(value) : formatNumber(value));
    return {
      quota,
      resource,
      takes: isApproximate ? t('create.quota.about', { amount: amount(takes) }) : amount(takes),
      left: amount(Math.max(0, hard - used)),
      hard: amount(hard),
    };
  }

  function rangeValues({ range, resource, takes, bound }: RangeProblem) {
    const amount = (value: number) => (resource === 'cpu' ? formatNumber(value) : formatBytes(value));
    return { range, resource, takes: amount(takes), bound: amount(bound) };
  }
}
