'use client';

import type { ReactNode } from 'react';
import { RefusalNote } from '@/components/access/refusals';
import { Copyable } from '@/components/ui/copyable';
import { StatusLabel, type StatusTone } from '@/components/ui/status-label';
import { useText } from '@/components/ui/text';
import type { Ref } from '@/lib/k8s/object';
import { ACCESS, checkOf, refusalOf } from '@/lib/kinds/abilities';
import type { ActionAccess } from '@/lib/kinds/action';
import { type Node, type Pod, podContainers } from '@/lib/kinds/pod';
import { RESOURCES } from '@/lib/kinds/resources';
import { vmFacts } from '@/lib/kinds/vm/facts';
import { vmReason } from '@/lib/kinds/vm/reason';
import { vmStatus } from '@/lib/kinds/vm/status';
import type { VirtualMachine, VirtualMachineInstance } from '@/lib/kinds/vm/types';
import { findCondition } from '@/lib/kinds/vm/types';
import { useObject, useObjects } from '@/lib/live/use-live';
import { paths } from '@/lib/paths';
import styles from './vm.module.css';

/** VM → VMI → launcher pod → node: what stands behind a VM, and the state of each link. */
export function OwnerChain({
  target,
  vm,
  vmi,
}: {
  target: Ref;
  vm: VirtualMachine;
  vmi: VirtualMachineInstance | undefined;
}) {
  const t = useText();
  const facts = vmFacts(vm, vmi);
  const status = vmStatus(facts, vmReason(vm, vmi));
  return (
    <ol className={styles.chain}>
      <Link kind={t('vm.overview.vm')} name={vm.metadata.name}>
        <StatusLabel tone={status.tone}>{t(status.text)}</StatusLabel>
      </Link>
      <Link
        kind={t('vm.overview.vmi')}
        name={vmi?.metadata.name}
        none={t('vm.overview.noVmi')}
        href={paths.object({
          ...target,
          resource: RESOURCES.virtualMachineInstances,
          name: vmi?.metadata.name ?? '',
        })}
      >
        {facts.vmi && (
          <StatusLabel tone={phaseTone(facts.vmi.phase)}>{facts.vmi.phase || t('vm.status.new')}</StatusLabel>
        )}
      </Link>
      {vmi && <PodLinks target={target} vmi={vmi} />}
      {vmi?.status?.nodeName ? (
        <NodeLink cluster={target.cluster} name={vmi.status.nodeName} />
      ) : (
        vmi && <Link kind={t('vm.overview.node')} none={t('vm.overview.noNode')} />
      )}
    </ol>
  );
}

function Link({
  kind,
  name,
  none,
  href,
  children,
}: {
  kind: string;
  name?: string | undefined;
  /** Where the name leads; absent where this page is the object's own. */
  href?: string | undefined;
  none?: ReactNode;
  children?: ReactNode;
}) {
  return (
    <li>
      <span className={styles.chainKind}>{kind}</span>
      {name ? (
        <Copyable label={name} href={href}>
          {name}
        </Copyable>
      ) : (
        <span className={styles.subtle}>{none}</span>
      )}
      {children && <span className={styles.chainState}>{children}</span>}
    </li>
  );
}

function PodLinks({ target, vmi }: { target: Ref; vmi: VirtualMachineInstance }) {
  const t = useText();
  // The label holds the VMI's uid, so pods of an earlier run do not match; a migration shows two.
  const { objects, feed } = useObjects<Pod>(target.cluster, {
    resource: RESOURCES.pods,
    namespace: target.namespace,
    labelSelector: `kubevirt.io/created-by=${vmi.metadata.uid}`,
  });
  if (feed.state === 'refused') {
    return (
      <Link
        kind={t('vm.overview.pod')}
        none={<Hidden cluster={target.cluster} access={ACCESS.listPods} namespace={target.namespace} />}
      />
    );
  }
  if (objects.length === 0) return <Link kind={t('vm.overview.pod')} none={t('vm.overview.noPod')} />;
  return objects.map((pod) => {
    const { ready, total, waiting } = podContainers(pod);
    const phase = pod.status?.phase ?? '';
    return (
      <Link
        key={pod.metadata.uid}
        kind={t('vm.overview.pod')}
        name={pod.metadata.name}
        href={paths.object({ ...target, resource: RESOURCES.pods, name: pod.metadata.name })}
      >
        <StatusLabel tone={waiting && phase === 'Pending' ? 'warning' : phaseTone(phase)}>
          {phase || t('vm.status.new')}
        </StatusLabel>
        {total > 0 && <span className={styles.subtle}>{t('vm.overview.containers', { ready, total })}</span>}
        {waiting && <div className={styles.words}>{waiting}</div>}
      </Link>
    );
  });
}

function NodeLink({ cluster, name }: { cluster: string; name: string }) {
  const t = useText();
  const { object, feed } = useObject<Node>(cluster, RESOURCES.nodes, undefined, name);
  const ready = findCondition(object?.status?.conditions, 'Ready');
  const word = () => {
    if (!object) return t('vm.overview.nodeUnknown');
    if (!ready) return t('vm.overview.nodeNotReady');
    return object.spec?.unschedulable ? t('vm.overview.nodeCordoned') : t('vm.overview.nodeReady');
  };
  const tone = !object ? 'off' : !ready ? 'danger' : object.spec?.unschedulable ? 'warning' : 'success';
  if (feed.state === 'refused') {
    return (
      <Link kind={t('vm.overview.node')} name={name}>
        <div className={styles.words}>
          <Hidden cluster={cluster} access={ACCESS.listNodes} />
        </div>
      </Link>
    );
  }
  return (
    <Link
      kind={t('vm.overview.node')}
      name={name}
      href={paths.object({ cluster, resource: RESOURCES.nodes, name })}
    >
      <StatusLabel tone={tone}>{word()}</StatusLabel>
    </Link>
  );
}

/** Why nothing can be said about it. */
function Hidden({
  cluster,
  access,
  namespace,
}: {
  cluster: string;
  access: ActionAccess;
  namespace?: string;
}) {
  return <RefusalNote cluster={cluster} refusal={refusalOf(checkOf(access, namespace))} />;
}

const PHASE_TONES: Record<string, StatusTone> = {
  Running: 'success',
  Succeeded: 'off',
  Failed: 'danger',
  Unknown: 'warning',
};

/** Phases of pods and VMIs share their words; all others lead up to Running. */
function phaseTone(phase: string): StatusTone {
  return PHASE_TONES[phase] ?? 'progress';
}
