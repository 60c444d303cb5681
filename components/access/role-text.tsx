'use client';

import { CopyBlock } from '@/components/ui/copy-block';
import { useText } from '@/components/ui/text';
import type { AccessCheck } from '@/lib/k8s/access';
import { checkCommand, grantCommands, roleFor } from '@/lib/k8s/role';
import { writeManifest } from '@/lib/manifest/write';
import styles from './access.module.css';

/** The roles that would allow these checks to a user, as YAML and as commands, each to be copied. */
export function RoleText({ checks, user }: { checks: readonly AccessCheck[]; user: string | undefined }) {
  const t = useText();
  const yaml = roleFor(checks, user)
    .map((object) => writeManifest(object))
    .join('---\n');
  const grant = grantCommands(checks, user);
  return (
    <div className={styles.role}>
      <CopyBlock label={t('access.role.yaml')}>{yaml}</CopyBlock>
      <p>{t(grant ? 'access.role.grant' : 'access.role.apply')}</p>
      <CopyBlock label={t('access.role.grantCommand')}>
        {grant ? grant.join('\n') : 'kubectl apply -f role.yaml'}
      </CopyBlock>
      <p>{t('access.role.check')}</p>
      <CopyBlock label={t('access.role.checkCommand')}>{checks.map(checkCommand).join('\n')}</CopyBlock>
    </div>
  );
}
