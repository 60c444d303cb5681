'use client';

import { Progress, Skeleton, Title } from '@patternfly/react-core';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { Age } from '@/components/ui/age';
import { ErrorAlert } from '@/components/ui/error-panel';
import { useText } from '@/components/ui/text';
import type { Ref } from '@/lib/k8s/object';
import { isAlive, type VmFacts } from '@/lib/kinds/vm/facts';
import { formatBytes, formatPercent } from '@/lib/units';
import { FactList } from './fact-list';
import { type Guest, useGuest } from './use-guest';
import styles from './vm.module.css';

/** What the agent in the guest says, or why nothing is known. */
export function GuestCard({ target, facts }: { target: Ref; facts: VmFacts }) {
  const t = useText();
  const connected = isAlive(facts) && facts.vmi?.agentConnected === true;
  const { guest, error } = useGuest(target, connected);
  if (!isAlive(facts)) return <p>{t('vm.guest.off')}</p>;
  if (facts.vmi?.phase !== 'Running') return <p>{t('vm.guest.starting')}</p>;
  if (!connected) return <p>{t('vm.guest.noAgent')}</p>;
  if (!guest) {
    return error ? (
      <ErrorAlert error={error} title={t('vm.guest.failed')} />
    ) : (
      <Skeleton height="12rem" screenreaderText={t('common.loading')} />
    );
  }
  const { system, users, fileSystems } = guest;
  return (
    <>
      <FactList
        label={t('vm.guest.title')}
        facts={[
          [t('vm.guest.os'), system.os?.prettyName || system.os?.name],
          [t('vm.guest.kernel'), system.os?.kernelRelease],
          [t('vm.guest.hostname'), system.hostname],
          [t('vm.guest.timezone'), system.timezone],
          [t('vm.guest.agent'), system.guestAgentVersion],
        ]}
      />
      <Title headingLevel="h3" size="md" className={styles.subtitle}>
        {t('vm.guest.users')}
      </Title>
      <Users users={users} />
      <Title headingLevel="h3" size="md" className={styles.subtitle}>
        {t('vm.guest.fs')}
      </Title>
      <FileSystems fileSystems={fileSystems} />
    </>
  );
}

function Users({ users }: { users: Guest['users'] }) {
  const t = useText();
  if (users.length === 0) return <p>{t('vm.guest.noUsers')}</p>;
  return (
    <Table aria-label={t('vm.guest.usersTable')} variant="compact" borders={false} gridBreakPoint="">
      <Thead>
        <Tr>
          <Th>{t('vm.guest.user')}</Th>
          <Th>{t('vm.guest.login')}</Th>
        </Tr>
      </Thead>
      <Tbody>
        {users.map(({ userName, domain, loginTime }) => (
          <Tr key={`${domain}/${userName}/${loginTime}`}>
            <Td>{domain ? `${domain}\\${userName}` : userName}</Td>
            <Td>
              {/* Seconds since the epoch, with fractions. */}
              <Age time={loginTime ? new Date(loginTime * 1000).toISOString() : undefined} ago />
            </Td>
          </Tr>
        ))}
      </Tbody>
    </Table>
  );
}

const FULL = 0.9;

function FileSystems({ fileSystems }: { fileSystems: Guest['fileSystems'] }) {
  const t = useText();
  if (fileSystems.length === 0) return <p>{t('vm.guest.noFs')}</p>;
  return (
    <Table aria-label={t('vm.guest.fsTable')} variant="compact" borders={false} gridBreakPoint="">
      <Thead>
        <Tr>
          <Th>{t('vm.guest.mount')}</Th>
          <Th>{t('vm.guest.type')}</Th>
          <Th width={50}>{t('vm.guest.used')}</Th>
        </Tr>
      </Thead>
      <Tbody>
        {fileSystems.map(({ mountPoint, fileSystemType, usedBytes, totalBytes, diskName }) => {
          const share = totalBytes > 0 ? usedBytes / totalBytes : 0;
          const words = t('vm.guest.usedOf', {
            used: formatBytes(usedBytes),
            total: formatBytes(totalBytes),
            share: formatPercent(share),
          });
          return (
            <Tr key={`${diskName} ${mountPoint}`}>
              <Td className="portlight-mono" modifier="breakWord">
                {mountPoint}
              </Td>
              <Td>{fileSystemType}</Td>
              <Td>
                <Progress
                  aria-label={`${mountPoint}: ${words}`}
                  value={share * 100}
                  size="sm"
                  measureLocation="none"
                  variant={share > FULL ? 'warning' : undefined}
                />
                <div className={styles.words}>{words}</div>
              </Td>
            </Tr>
          );
        })}
      </Tbody>
    </Table>
  );
}
