'use client';

import { Alert, Content, SearchInput, Skeleton, Title } from '@patternfly/react-core';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { ErrorAlert } from '@/components/ui/error-panel';
import { useText } from '@/components/ui/text';
import styles from './access.module.css';
import { matchesWords } from './access-query';
import { useRules } from './use-rules';

/** The rules as the cluster keeps them, for those who know RBAC. */
export function RulesTable({
  cluster,
  namespace,
  filter,
  onFilter,
  round,
}: {
  cluster: string;
  /** Empty: none chosen. */
  namespace: string;
  filter: string;
  onFilter: (filter: string) => void;
  /** Another number asks again. */
  round: number;
}) {
  const t = useText();
  const { rules: found, error } = useRules(cluster, namespace, round);
  const rules =
    found?.rules.filter(({ verbs, groups, targets, names }) =>
      matchesWords(filter, [...verbs, ...groups, ...targets, ...names]),
    ) ?? [];
  const list = (words: readonly string[], none: string) =>
    words.length === 0 ? (
      none
    ) : (
      <ul className={styles.list}>
        {words.map((word) => (
          <li key={word} className="portlight-mono">
            {word === '' ? t('access.rules.coreGroup') : word}
          </li>
        ))}
      </ul>
    );
  return (
    <section aria-labelledby="access-rules" className={styles.part}>
      <Title headingLevel="h2" id="access-rules">
        {t('access.rules.title')}
      </Title>
      {!namespace && <Content component="p">{t('access.rules.chooseNamespace')}</Content>}
      {error && <ErrorAlert error={error} title={t('access.rules.failed')} />}
      {namespace && !found && !error && <Skeleton height="8rem" screenreaderText={t('common.loading')} />}
      {found?.isIncomplete && (
        <Alert isInline variant="warning" title={t('access.rules.incomplete')}>
          {found.problem}
        </Alert>
      )}
      {found && (
        <>
          <div className={styles.tools}>
            <SearchInput
              className={styles.search}
              aria-label={t('access.rules.filter')}
              placeholder={t('access.rules.filter')}
              value={filter}
              onChange={(_, value) => onFilter(value)}
              onClear={() => onFilter('')}
              resetButtonLabel={t('common.clear')}
            />
            <span role="status" className={styles.subtle}>
              {t('access.rules.count', { shown: rules.length, total: found.rules.length })}
            </span>
          </div>
          <Table variant="compact" gridBreakPoint="grid-md" aria-labelledby="access-rules">
            <Thead>
              <Tr>
                <Th width={25}>{t('access.rules.verbs')}</Th>
                <Th width={25}>{t('access.rules.groups')}</Th>
                <Th>{t('access.rules.targets')}</Th>
                <Th width={15}>{t('access.rules.names')}</Th>
              </Tr>
            </Thead>
            <Tbody>
              {rules.map((rule) => (
                <Tr key={JSON.stringify(rule)}>
                  <Td dataLabel={t('access.rules.verbs')}>{list(rule.verbs, t('common.none'))}</Td>
                  <Td dataLabel={t('access.rules.groups')}>{list(rule.groups, t('common.none'))}</Td>
                  <Td dataLabel={t('access.rules.targets')}>{list(rule.targets, t('common.none'))}</Td>
                  <Td dataLabel={t('access.rules.names')}>{list(rule.names, t('access.rules.anyName'))}</Td>
                </Tr>
              ))}
            </Tbody>
          </Table>
        </>
      )}
    </section>
  );
}
