'use client';

import {
  Button,
  EmptyState,
  EmptyStateBody,
  Modal,
  ModalBody,
  ModalFooter,
  ModalHeader,
  Skeleton,
} from '@patternfly/react-core';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { ErrorAlert } from '@/components/ui/error-panel';
import { useText } from '@/components/ui/text';
import { ApiError, type ApiErrorJson } from '@/lib/k8s/error';
import { callApi } from '@/lib/k8s/request';
import { resourcePath } from '@/lib/k8s/resource';
import { RESOURCES } from '@/lib/kinds/resources';
import { paths } from '@/lib/paths';
import styles from '../create.module.css';
import type { Template } from './template';
import { useTemplates } from './use-templates';

/** The templates that one may start from, and delete. */
export function ChooseDialog({
  cluster,
  namespace,
  onClose,
}: {
  cluster: string;
  namespace: string;
  onClose: () => void;
}) {
  const t = useText();
  const router = useRouter();
  const { templates, feed } = useTemplates(cluster, namespace);
  const [doomed, setDoomed] = useState<Template>();
  const [error, setError] = useState<ApiErrorJson>();
  const remove = async ({ kind, ...place }: Template) => {
    setDoomed(undefined);
    const resource = kind === 'ConfigMap' ? RESOURCES.configMaps : RESOURCES.virtualMachineTemplates;
    try {
      await callApi(cluster, resourcePath(resource, place.namespace, place.name), { method: 'DELETE' });
      setError(undefined);
    } catch (reason) {
      if (!(reason instanceof ApiError)) throw reason;
      setError(reason.toJSON());
    }
  };
  if (doomed)
    return (
      <ConfirmDialog
        title={t('templates.delete.title', { name: doomed.name })}
        verb={t('templates.delete.verb')}
        onConfirm={() => void remove(doomed)}
        onCancel={() => setDoomed(undefined)}
      >
        {t('templates.delete.body', { namespace: doomed.namespace })}
      </ConfirmDialog>
    );
  return (
    <Modal isOpen variant="medium" onClose={onClose} aria-labelledby="templates-title">
      <ModalHeader title={t('templates.choose.title')} labelId="templates-title" />
      <ModalBody>
        {error && <ErrorAlert error={error} />}
        {feed.state === 'refused' ? (
          <ErrorAlert error={feed.error} />
        ) : templates.length === 0 && feed.state === 'loading' ? (
          <Skeleton height="6rem" screenreaderText={t('common.loading')} />
        ) : templates.length === 0 ? (
          <EmptyState headingLevel="h2" titleText={t('templates.choose.none')} variant="sm">
            <EmptyStateBody>{t('templates.choose.noneBody')}</EmptyStateBody>
          </EmptyState>
        ) : (
          <ul className={styles.templates}>
            {templates.map((each) => (
              <li key={`${each.kind} ${each.namespace}/${each.name}`}>
                <span>
                  <strong>{each.name}</strong>{' '}
                  <span className={styles.subtle}>
                    {t('templates.choose.where', { namespace: each.namespace, kind: each.kind })}
                  </span>
                  {each.description && <span className={styles.templateNote}>{each.description}</span>}
                </span>
                <span className={styles.buttons}>
                  <Button
                    variant="secondary"
                    size="sm"
                    aria-label={t('templates.choose.useNamed', { name: each.name })}
                    onClick={() => {
                      onClose();
                      router.push(
                        paths.createVm(cluster, { namespace, template: `${each.namespace}/${each.name}` }),
                      );
                    }}
                  >
                    {t('templates.choose.use')}
                  </Button>
                  <Button
                    variant="link"
                    isDanger
                    size="sm"
                    aria-label={t('templates.delete.named', { name: each.name })}
                    onClick={() => setDoomed(each)}
                  >
                    {t('templates.delete.verb')}
                  </Button>
                </span>
              </li>
            ))}
          </ul>
        )}
      </ModalBody>
      <ModalFooter>
        <Button variant="link" onClick={onClose}>
          {t('common.cancel')}
        </Button>
      </ModalFooter>
    </Modal>
  );
}
