'use client';

import { Icon, Spinner } from '@patternfly/react-core';
import { CheckCircleIcon, ExclamationCircleIcon } from '@patternfly/react-icons';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import Link from 'next/link';
import { useText } from '@/components/ui/text';
import { paths } from '@/lib/paths';
import { useVmForm } from '../../form/vm-form';
import styles from '../create.module.css';
import type { Member } from './batch';
import { useBatchForm } from './batch-context';
import type { MemberState } from './batch-run';

/** The VMs that will be made, by name, with what is wrong with each at its cell, and later what became of it. */
export function BatchPreview() {
  const t = useText();
  const { members: made, states } = useBatchForm();
  if (!made || made.members.length === 0) return null;
  const { members, columns, rows } = made;
  const others = columns.filter((column) => column !== 'name');
  const byName = new Map(states.map((state) => [state.name, state]));
  return (
    <div className={styles.preview}>
      <Table variant="compact" aria-label={t('create.batch.preview')} gridBreakPoint="">
        <Thead>
          <Tr>
            <Th>{t('create.name.label')}</Th>
            {others.map((column) => (
              <Th key={column} modifier="nowrap">
                {column}
              </Th>
            ))}
          </Tr>
        </Thead>
        <Tbody>
          {members.map((member, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: two rows may have one name, and that is what is to be shown
            <Tr key={index}>
              <Td>
                <State state={byName.get(member.name)} name={member.name} />
                <Problems member={member} column="name" />
                <Problems member={member} column="" />
              </Td>
              {others.map((column) => (
                <Td key={column}>
                  {rows[index]?.[columns.indexOf(column)]}
                  <Problems member={member} column={column} />
                </Td>
              ))}
            </Tr>
          ))}
        </Tbody>
      </Table>
    </div>
  );
}

function State({ state, name }: { state: MemberState | undefined; name: string }) {
  const t = useText();
  const { cluster, namespace } = useVmForm();
  if (!state) return <span>{name}</span>;
  return (
    <>
      {state.state === 'done' ? (
        <>
          <Icon isInline status="success">
            <CheckCircleIcon title={t('create.batch.state.done')} />
          </Icon>{' '}
          <Link href={paths.vm({ cluster, namespace, name })}>{name}</Link>
        </>
      ) : (
        <>
          {state.state === 'failed' ? (
            <Icon isInline status="danger">
              <ExclamationCircleIcon title={t('create.batch.state.failed')} />
            </Icon>
          ) : state.state === 'running' ? (
            <Spinner isInline aria-label={t('create.batch.state.running')} />
          ) : null}{' '}
          {name}
        </>
      )}
      {state.words && <div className={styles.cellProblem}>{state.words}</div>}
    </>
  );
}

function Problems({ member, column }: { member: Member; column: string }) {
  const t = useText();
  return member.problems
    .filter((problem) => problem.column === column)
    .map(({ message }) => (
      <div key={t(message)} className={styles.cellProblem}>
        {t(message)}
      </div>
    ));
}
