'use client';

import { Checkbox, EmptyState, EmptyStateBody } from '@patternfly/react-core';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { StatusLabel, type StatusTone } from '@/components/ui/status-label';
import { useText } from '@/components/ui/text';
import { type AccessCheck, checkKey, fullResource } from '@/lib/k8s/access';
import { type AbilityGroup, isOfCluster } from '@/lib/kinds/abilities';
import styles from './access.module.css';
import type { AbilityVerdict, Verdict } from './verdicts';

const GROUPS: readonly AbilityGroup[] = ['pages', 'actions', 'changes'];
const TONES: Record<Verdict, StatusTone> = {
  asking: 'progress',
  allowed: 'success',
  refused: 'off',
  unknown: 'warning',
};

/** Every page and action with its verdict and the rights that it takes; refused ones can be picked for a role. */
export function AbilityTable({
  verdicts,
  picked,
  onPick,
}: {
  /** Those that match the filter. */
  verdicts: readonly AbilityVerdict[];
  picked: ReadonlySet<string>;
  onPick: (ids: string[], isPicked: boolean) => void;
}) {
  const t = useText();
  const refused = verdicts.filter(({ verdict }) => verdict === 'refused').map(({ ability }) => ability.id);
  const chosen = refused.filter((id) => picked.has(id)).length;
  if (verdicts.length === 0) {
    return (
      <EmptyState titleText={t('access.table.noMatch')} headingLevel="h3" variant="sm">
        <EmptyStateBody>{t('access.table.noMatchBody')}</EmptyStateBody>
      </EmptyState>
    );
  }
  return (
    <Table variant="compact" gridBreakPoint="grid-md" aria-label={t('access.table.title')}>
      <Thead>
        <Tr>
          <Th modifier="fitContent">
            <Checkbox
              id="access-pick-all"
              aria-label={t('access.table.pickAll')}
              isDisabled={refused.length === 0}
              isChecked={chosen === 0 ? false : chosen === refused.length ? true : null}
              onChange={(_, isPicked) => onPick(refused, isPicked)}
            />
          </Th>
          <Th width={25}>{t('access.table.what')}</Th>
          <Th width={10}>{t('access.table.verdict')}</Th>
          <Th>{t('access.table.needs')}</Th>
        </Tr>
      </Thead>
      {GROUPS.map((group) => {
        const rows = verdicts.filter(({ ability }) => ability.group === group);
        if (rows.length === 0) return null;
        return (
          <Tbody key={group}>
            <Tr className={styles.group}>
              <Th colSpan={4} scope="rowgroup">
                {t(`access.group.${group}`)}
              </Th>
            </Tr>
            {rows.map(({ ability, verdict, checks, missing }) => (
              <Tr key={ability.id}>
                <Td>
                  {verdict === 'refused' && (
                    <Checkbox
                      id={`access-pick-${ability.id}`}
                      aria-label={t('access.table.pick', { what: t(ability.label) })}
                      isChecked={picked.has(ability.id)}
                      onChange={(_, isPicked) => onPick([ability.id], isPicked)}
                    />
                  )}
                </Td>
                <Td dataLabel={t('access.table.what')}>{t(ability.label)}</Td>
                <Td dataLabel={t('access.table.verdict')}>
                  <div>
                    <StatusLabel tone={TONES[verdict]}>{t(`access.verdict.${verdict}`)}</StatusLabel>
                  </div>
                </Td>
                <Td dataLabel={t('access.table.needs')}>
                  <ul className={styles.list}>
                    {checks.map((check) => (
                      <Need key={checkKey(check)} check={check} isMissing={missing.includes(check)} />
                    ))}
                  </ul>
                </Td>
              </Tr>
            ))}
          </Tbody>
        );
      })}
    </Table>
  );
}

function Need({ check, isMissing }: { check: AccessCheck; isMissing: boolean }) {
  const t = useText();
  const { verb, group, namespace } = check;
  const where = namespace ? 'inNamespace' : isOfCluster(check) ? 'inCluster' : 'everywhere';
  return (
    <li>
      <span className="portlight-mono">
        {verb} {fullResource(check)}
        {group && <span className={styles.subtle}>.{group}</span>}
      </span>{' '}
      <span className={styles.subtle}>
        {t(`access.where.${where}`, { namespace: namespace ?? '' })}
        {isMissing && ` · ${t('access.table.missing')}`}
      </span>
    </li>
  );
}
