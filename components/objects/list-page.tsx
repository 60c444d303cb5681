'use client';

import {
  Breadcrumb,
  BreadcrumbItem,
  Button,
  PageSection,
  SearchInput,
  Skeleton,
  Title,
} from '@patternfly/react-core';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import Link from 'next/link';
import { useRouter, useSearchParams } from 'next/navigation';
import { useDeferredValue, useState } from 'react';
import { NamespaceField } from '@/components/access/namespace-field';
import { Age } from '@/components/ui/age';
import { ErrorPanel } from '@/components/ui/error-panel';
import { useText } from '@/components/ui/text';
import type { ServedKind } from '@/lib/k8s/kinds';
import { apiVersionOf } from '@/lib/k8s/resource';
import { paths } from '@/lib/paths';
import styles from './objects.module.css';
import { type KindAddress, useKind } from './use-kinds';
import { useObjectList } from './use-object-list';

/** The objects of one kind by name. */
export function ListPage({ cluster, address }: { cluster: string; address: KindAddress }) {
  const t = useText();
  const { kind, error, isMissing } = useKind(cluster, address);
  return (
    <PageSection isFilled aria-label={address.plural}>
      <Breadcrumb>
        <BreadcrumbItem
          render={({ className }) => (
            <Link className={className} href={paths.objects(cluster)}>
              {t('objects.title')}
            </Link>
          )}
        />
        <BreadcrumbItem isActive>{kind?.kind ?? address.plural}</BreadcrumbItem>
      </Breadcrumb>
      <div className={styles.head}>
        <Title headingLevel="h1">{kind?.kind ?? address.plural}</Title>
      </div>
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
      {kind && <ObjectTable cluster={cluster} kind={kind} />}
    </PageSection>
  );
}

function ObjectTable({ cluster, kind }: { cluster: string; kind: ServedKind }) {
  const t = useText();
  const router = useRouter();
  const params = useSearchParams();
  const namespace = kind.namespaced ? (params.get('ns') ?? '') : '';
  const { objects, error, isLoading, more, refresh } = useObjectList(cluster, kind, namespace);
  const [words, setWords] = useState('');
  const wanted = useDeferredValue(words.toLowerCase());
  const shown = objects?.filter(({ name }) => name.includes(wanted)) ?? [];
  const hrefOf = (name: string, own: string | undefined) =>
    paths.object({ cluster, resource: kind, namespace: own, name });
  const mayOpen = words !== '' && (!kind.namespaced || namespace !== '');
  return (
    <>
      <p className={styles.subtle}>{apiVersionOf(kind)}</p>
      <div className={styles.tools}>
        <SearchInput
          className={styles.search ?? ''}
          aria-label={t('objects.list.filter')}
          placeholder={t('objects.list.filter')}
          value={words}
          onChange={(_, next) => setWords(next.trim())}
          onClear={() => setWords('')}
          resetButtonLabel={t('common.clear')}
        />
        {kind.namespaced && (
          <NamespaceField
            cluster={cluster}
            value={namespace}
            onChange={(next) => router.replace(paths.objectList(cluster, kind, next), { scroll: false })}
          />
        )}
        {mayOpen && (
          <Button variant="secondary" onClick={() => router.push(hrefOf(words, namespace || undefined))}>
            {t('objects.list.openNamed')}
          </Button>
        )}
        <Button variant="secondary" onClick={refresh} isLoading={isLoading}>
          {t('objects.list.refresh')}
        </Button>
        <Link href={paths.createYaml(cluster, { namespace: namespace || undefined })}>
          {t('objects.list.create')}
        </Link>
      </div>
      {error && (
        <ErrorPanel
          error={error}
          title={t('objects.list.refused')}
          hint={t('objects.list.unlisted', { kind: kind.kind })}
          onRetry={refresh}
        />
      )}
      {!objects && !error && <Skeleton height="20rem" screenreaderText={t('common.loading')} />}
      {objects && !error && (
        <>
          <p role="status" className={styles.subtle}>
            {objects.length === 0
              ? t('objects.list.none')
              : shown.length === 0
                ? t('objects.list.noneMatch', { count: objects.length })
                : t('objects.list.count', {
                    shown: shown.length,
                    loaded: objects.length,
                    more: more ? 'yes' : 'no',
                  })}
          </p>
          {shown.length > 0 && (
            <Table aria-label={kind.kind} variant="compact" gridBreakPoint="grid-md">
              <Thead>
                <Tr>
                  <Th>{t('objects.list.names')}</Th>
                  {kind.namespaced && <Th>{t('objects.list.namespaceColumn')}</Th>}
                  <Th>{t('objects.list.age')}</Th>
                </Tr>
              </Thead>
              <Tbody>
                {shown.map((each) => (
                  <Tr key={each.uid}>
                    <Td dataLabel={t('objects.list.names')} modifier="breakWord">
                      <Link href={hrefOf(each.name, each.namespace)}>{each.name}</Link>
                    </Td>
                    {kind.namespaced && (
                      <Td dataLabel={t('objects.list.namespaceColumn')}>{each.namespace}</Td>
                    )}
                    <Td dataLabel={t('objects.list.age')}>
                      <Age time={each.createdAt} />
                    </Td>
                  </Tr>
                ))}
              </Tbody>
            </Table>
          )}
          {more && (
            <div className={styles.more}>
              <Button variant="secondary" onClick={more} isLoading={isLoading}>
                {t('objects.list.more')}
              </Button>
            </div>
          )}
        </>
      )}
    </>
  );
}
