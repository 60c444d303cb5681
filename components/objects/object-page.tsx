'use client';

import { Breadcrumb, BreadcrumbItem, Button, PageSection, Skeleton, Title } from '@patternfly/react-core';
import Link from 'next/link';
import { useMemo, useState } from 'react';
import { useExplain } from '@/components/access/refusals';
import { ObjectYaml } from '@/components/form/object-yaml';
import { ReasonedButton } from '@/components/form/reasoned-button';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { ErrorPanel } from '@/components/ui/error-panel';
import { useText } from '@/components/ui/text';
import { ApiError, type ApiErrorJson } from '@/lib/k8s/error';
import type { ServedKind } from '@/lib/k8s/kinds';
import { callApi } from '@/lib/k8s/request';
import { resourcePath } from '@/lib/k8s/resource';
import { refusalText } from '@/lib/kinds/abilities';
import { useRefusals } from '@/lib/live/use-access';
import { paths } from '@/lib/paths';
import styles from './objects.module.css';
import { type KindAddress, useKind } from './use-kinds';

/** One object of any kind as YAML. */
export function ObjectPage({
  cluster,
  address,
  namespace,
  name,
}: {
  cluster: string;
  address: KindAddress;
  /** Undefined for objects of the cluster itself. */
  namespace: string | undefined;
  name: string;
}) {
  const t = useText();
  const { kind, error, isMissing } = useKind(cluster, address);
  const title = kind?.kind ?? address.plural;
  return (
    <PageSection isFilled aria-label={name}>
      <Breadcrumb>
        <BreadcrumbItem
          render={({ className }) => (
            <Link className={className} href={paths.objects(cluster)}>
              {t('objects.title')}
            </Link>
          )}
        />
        <BreadcrumbItem
          render={({ className }) => (
            <Link
              className={className}
              href={paths.objectList(
                cluster,
                { ...address, group: address.group === 'core' ? '' : address.group },
                namespace,
              )}
            >
              {title}
            </Link>
          )}
        />
        <BreadcrumbItem isActive>{name}</BreadcrumbItem>
      </Breadcrumb>
      <div className={styles.head}>
        <Title headingLevel="h1">{name}</Title>
        {kind && <DeleteButton cluster={cluster} kind={kind} namespace={namespace} name={name} />}
      </div>
      <p className={styles.subtle}>{[title, namespace].filter(Boolean).join(', ')}</p>
      {error && <ErrorPanel error={error} title={t('objects.refused')} />}
      {isMissing && (
        <p>
          {t('objects.list.unknown', {
            plural: address.plural,
            group: `${address.group}/${address.version}`,
          })}
        </p>
      )}
      {!kind && !error && !isMissing && <Skeleton height="20rem" screenreaderText={t('common.loading')} />}
      {kind && <ObjectYaml cluster={cluster} resource={kind} namespace={namespace} name={name} />}
    </PageSection>
  );
}

/** Kinds that take more with them than one sees. */
const LOSSES = {
  Namespace: 'objects.object.confirmNamespace',
  CustomResourceDefinition: 'objects.object.confirmDefinition',
  PersistentVolumeClaim: 'objects.object.confirmData',
  PersistentVolume: 'objects.object.confirmData',
  DataVolume: 'objects.object.confirmData',
} as const;

function DeleteButton({
  cluster,
  kind,
  namespace,
  name,
}: {
  cluster: string;
  kind: ServedKind;
  namespace: string | undefined;
  name: string;
}) {
  const t = useText();
  const explain = useExplain();
  const asked = useMemo(() => [{ verb: 'delete', resource: kind }], [kind]);
  const refusal = [...useRefusals(cluster, namespace, asked, { name }).values()].at(0);
  const [step, setStep] = useState<'idle' | 'asking' | 'sent'>('idle');
  const [error, setError] = useState<ApiErrorJson>();
  const loss = LOSSES[kind.kind as keyof typeof LOSSES] as (typeof LOSSES)[keyof typeof LOSSES] | undefined;
  const remove = async () => {
    setStep('sent');
    setError(undefined);
    try {
      await callApi(cluster, resourcePath(kind, namespace, name), {
        method: 'DELETE',
        query: { propagationPolicy: 'Background' },
      });
    } catch (reason) {
      setStep('idle');
      if (reason instanceof ApiError) setError(reason.toJSON());
    }
  };
  if (refusal) {
    return (
      <ReasonedButton
        label={t('objects.object.delete')}
        reason={t('access.refused.select', { sentence: t(refusalText(refusal, t)) })}
        onExplain={() => explain(cluster, [refusal])}
        onClick={() => undefined}
      />
    );
  }
  return (
    <>
      <span role="status">{step === 'sent' && t('objects.object.deleting')}</span>
      <Button variant="danger" isDisabled={step === 'sent'} onClick={() => setStep('asking')}>
        {t('objects.object.delete')}
      </Button>
      {error && (
        <ErrorPanel
          error={error}
          title={t('objects.object.refused', { kind: kind.kind, name })}
          headingLevel="h2"
        />
      )}
      {step === 'asking' && (
        <ConfirmDialog
          title={t('objects.object.confirmTitle', { kind: kind.kind, name })}
          verb={t('objects.object.delete')}
          onConfirm={() => void remove()}
          onCancel={() => setStep('idle')}
        >
          <p>{t('objects.object.confirmBody')}</p>
          {loss && <p>{t(loss)}</p>}
        </ConfirmDialog>
      )}
    </>
  );
}
