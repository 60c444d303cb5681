'use client';

import { Alert, Button, ExpandableSection } from '@patternfly/react-core';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useExplain } from '@/components/access/refusals';
import { ReasonedButton } from '@/components/form/reasoned-button';
import { CopyBlock } from '@/components/ui/copy-block';
import { ErrorAlert } from '@/components/ui/error-panel';
import { useText } from '@/components/ui/text';
import { ACCESS, refusalText } from '@/lib/kinds/abilities';
import { RESOURCES } from '@/lib/kinds/resources';
import { type CloneInput, volumesWithoutSnapshots } from '@/lib/kinds/vm/clone';
import { useRefusals } from '@/lib/live/use-access';
import { useObject } from '@/lib/live/use-live';
import { writeManifest } from '@/lib/manifest/write';
import { paths } from '@/lib/paths';
import type { Text } from '@/lib/text';
import styles from '../create.module.css';
import { useCloneRun } from './use-clone-run';

interface FootProps {
  cluster: string;
  input: CloneInput;
  /** What the fields still lack, if anything. */
  lacking: Text | undefined;
}

/** Below the form for a copy that is edited first: that is another page. */
export function CopyFoot({
  cluster,
  namespace,
  source,
}: {
  cluster: string;
  namespace: string;
  source: string;
}) {
  const t = useText();
  const router = useRouter();
  const href = paths.createVm(cluster, { namespace, clone: `${namespace}/${source}` });
  return (
    <div className={styles.buttons}>
      {source ? (
        <Button onClick={() => router.push(href)}>{t('create.clone.toForm')}</Button>
      ) : (
        <ReasonedButton
          label={t('create.clone.toForm')}
          reason={t('create.clone.vm.missing')}
          onClick={() => undefined}
        />
      )}
    </div>
  );
}

/** Below the form for a VM: says before whether KubeVirt can clone it as it is. */
export function VmFoot(props: FootProps) {
  const t = useText();
  const { cluster, input } = props;
  const { namespace, source } = input;
  const { object: vm, gone } = useObject(cluster, RESOURCES.virtualMachines, namespace, source);
  const without = volumesWithoutSnapshots(vm);
  const blocked = gone
    ? t('create.clone.vm.gone', { name: source, namespace })
    : without.length > 0
      ? t('create.clone.noSnapshots.title', { count: without.length })
      : undefined;
  return (
    <>
      {gone && (
        <Alert isInline variant="danger" title={t('create.clone.vm.gone', { name: source, namespace })} />
      )}
      {!gone && without.length > 0 && (
        <Alert
          isInline
          variant="warning"
          title={t('create.clone.noSnapshots.title', { count: without.length })}
          actionLinks={
            <Link href={paths.createVm(cluster, { namespace, clone: `${namespace}/${source}` })}>
              {t('create.clone.noSnapshots.copy')}
            </Link>
          }
        >
          <p>{t('create.clone.noSnapshots.body')}</p>
          <ul>
            {without.map(({ name, reason }) => (
              <li key={name}>
                <strong>{name}</strong>
                {reason && `: ${reason}`}
              </li>
            ))}
          </ul>
        </Alert>
      )}
      <SendFoot {...props} blocked={blocked} />
    </>
  );
}

const NEEDED = [ACCESS.createClone];

/** What will be made, its manifest, what stands in the way, and the button. */
export function SendFoot({ cluster, input, lacking, blocked }: FootProps & { blocked?: string | undefined }) {
  const t = useText();
  const explain = useExplain();
  const { namespace, source, target } = input;
  const refusal = useRefusals(cluster, namespace, NEEDED).get(ACCESS.createClone);
  const isSound = lacking === undefined;
  const isFree = isSound && blocked === undefined && !refusal;
  const run = useCloneRun(cluster, input, isFree);
  const mayNot = refusal && t('access.refused.select', { sentence: t(refusalText(refusal, t)) });
  return (
    <>
      <div aria-live="polite" className={styles.notices}>
        {run.isTaken && (
          <Alert
            isInline
            variant="danger"
            title={t('create.problem.nameTaken', { name: target, namespace })}
          />
        )}
        {run.error && (
          <ErrorAlert
            error={run.error}
            {...(run.error.code === 404 ? { title: t('create.clone.noApi') } : {})}
          />
        )}
      </div>
      {isSound && (
        <ExpandableSection toggleText={t('create.manifest.title')}>
          <CopyBlock label={t('create.clone.manifest')}>{writeManifest(run.manifest)}</CopyBlock>
        </ExpandableSection>
      )}
      <div className={styles.bar}>
        <p className={styles.sentence}>
          {isSound ? t('create.clone.sentence', { source, target, namespace }) : t('create.sentence.nothing')}
        </p>
        <div className={styles.buttons}>
          <ReasonedButton
            label={t('create.clone.button')}
            reason={mayNot ?? blocked ?? (lacking && t(lacking))}
            onExplain={refusal ? () => explain(cluster, [refusal]) : undefined}
            isLoading={run.isSending}
            onClick={() => void run.send()}
          />
        </div>
      </div>
    </>
  );
}
