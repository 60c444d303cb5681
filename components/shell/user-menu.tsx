'use client';

import { Divider, Dropdown, DropdownItem, DropdownList, MenuToggle } from '@patternfly/react-core';
import { UserIcon } from '@patternfly/react-icons';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { useState } from 'react';
import { SignOutDialog } from '@/components/sign-in/sign-out-dialog';
import { useText } from '@/components/ui/text';
import { useFromNow } from '@/components/ui/use-now';
import { useIdentity } from '@/lib/live/identity';
import { useTabSession } from '@/lib/live/sessions';
import { paths } from '@/lib/paths';
import { type ClusterSession, hasSessions, isBorrowed } from '@/lib/session/session';
import { formatDuration, formatExactTime } from '@/lib/time';
import styles from './shell.module.css';

/** Who one is to this cluster, what one may do, and the way out. */
export function UserMenu({ session: rendered }: { session: ClusterSession }) {
  const t = useText();
  const pathname = usePathname();
  const [isOpen, setOpen] = useState(false);
  const [leaving, setLeaving] = useState<'here' | 'everywhere'>();
  const tab = useTabSession(rendered.name);
  const session = tab?.session ?? rendered;
  const { name: cluster } = session;
  const identity = useIdentity(cluster, tab?.round ?? 0, isOpen && !tab?.over);
  const user = identity?.username ?? session.user ?? '';
  const method = session.methods.find(({ id }) => id === session.method);
  const isOwn = hasSessions(session) && !isBorrowed(session);
  const canSignOut = isOwn && method?.kind !== 'proxy' && !tab?.over;

  return (
    <>
      <Dropdown
        isOpen={isOpen}
        onOpenChange={setOpen}
        popperProps={{ position: 'right' }}
        toggle={(ref) => (
          <MenuToggle
            ref={ref}
            isExpanded={isOpen}
            onClick={() => setOpen(!isOpen)}
            icon={<UserIcon />}
            aria-label={t('shell.user.label', { user })}
            className={styles.userToggle ?? ''}
          >
            <span className={styles.userName}>{user}</span>
          </MenuToggle>
        )}
      >
        <div className={styles.userFacts}>
          <strong className={styles.userFull}>{user}</strong>
          {identity && (
            <details>
              <summary>{t('shell.user.groups', { count: identity.groups.length })}</summary>
              <ul>
                {identity.groups.map((group) => (
                  <li key={group} className="portlight-mono">
                    {group}
                  </li>
                ))}
              </ul>
            </details>
          )}
          <p>{t(`shell.user.by.${method?.kind ?? 'kubeconfig'}`, { label: method?.label ?? '' })}</p>
          {isOwn && session.expiresAt !== undefined && !tab?.over && <Ends at={session.expiresAt} />}
        </div>
        <Divider />
        <DropdownList aria-label={t('shell.user.menu')}>
          <DropdownItem
            component={(props) => <Link {...props} href={paths.access(cluster)} />}
            onClick={() => setOpen(false)}
          >
            {t('shell.user.access')}
          </DropdownItem>
          {hasSessions(session) && isBorrowed(session) && (
            <DropdownItem
              component={(props) => <Link {...props} href={paths.signIn(cluster, pathname)} />}
              onClick={() => setOpen(false)}
            >
              {t('shell.user.signIn')}
            </DropdownItem>
          )}
          {canSignOut && (
            <>
              <DropdownItem onClick={() => leave('here')}>{t('shell.user.signOut')}</DropdownItem>
              <DropdownItem onClick={() => leave('everywhere')}>
                {t('shell.user.signOutEverywhere')}
              </DropdownItem>
            </>
          )}
        </DropdownList>
      </Dropdown>
      {leaving && (
        <SignOutDialog
          cluster={cluster}
          user={user}
          isEverywhere={leaving === 'everywhere'}
          onClose={() => setLeaving(undefined)}
        />
      )}
    </>
  );

  function leave(how: 'here' | 'everywhere') {
    setOpen(false);
    setLeaving(how);
  }
}

function Ends({ at }: { at: number }) {
  const t = useText();
  const duration = useFromNow((now) => formatDuration(Math.ceil((at - now) / 60_000) * 60_000));
  return <p title={formatExactTime(at)}>{t('shell.user.ends', { duration })}</p>;
}
