'use client';

import {
  Button,
  Content,
  Modal,
  ModalBody,
  ModalFooter,
  ModalHeader,
  Skeleton,
} from '@patternfly/react-core';
import Link from 'next/link';
import { useText } from '@/components/ui/text';
import { type Refusal, refusalText } from '@/lib/kinds/abilities';
import { useIdentity } from '@/lib/live/use-identity';
import { paths } from '@/lib/paths';
import { RoleText } from './role-text';

const ID = 'role-dialog';

/** What somebody may not do, and the role, for them and for nothing more, that would allow it. */
export function RoleDialog({
  cluster,
  refusals,
  onClose,
}: {
  cluster: string;
  refusals: readonly Refusal[];
  onClose: () => void;
}) {
  const t = useText();
  const { identity, error } = useIdentity(cluster);
  const [first] = refusals;
  const checks = refusals.map(({ doing: _doing, ...check }) => check);
  const where = first?.namespace ? { namespace: first.namespace } : undefined;
  return (
    <Modal
      isOpen
      variant="medium"
      onClose={onClose}
      aria-labelledby={`${ID}-title`}
      aria-describedby={`${ID}-refusals`}
    >
      <ModalHeader title={t('access.role.title')} labelId={`${ID}-title`} />
      <ModalBody tabIndex={0} aria-label={t('access.role.title')}>
        <div id={`${ID}-refusals`}>
          {refusals.map((refusal) => (
            <Content key={JSON.stringify(refusal)} component="p">
              {t(refusalText(refusal, t))}.
            </Content>
          ))}
        </div>
        {identity || error ? (
          <>
            <Content component="p">
              {identity
                ? t('access.role.forUser', { user: identity.username, cluster })
                : t('access.role.forNobody')}
            </Content>
            <RoleText checks={checks} user={identity?.username} />
          </>
        ) : (
          <Skeleton height="16rem" screenreaderText={t('common.loading')} />
        )}
      </ModalBody>
      <ModalFooter>
        <Button variant="primary" onClick={onClose}>
          {t('access.role.close')}
        </Button>
        <Button
          variant="link"
          component={(props) => <Link {...props} href={paths.access(cluster, where)} onClick={onClose} />}
        >
          {t('access.role.page')}
        </Button>
      </ModalFooter>
    </Modal>
  );
}
