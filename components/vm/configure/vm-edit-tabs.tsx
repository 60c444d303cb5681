'use client';

import { Skeleton } from '@patternfly/react-core';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import { ConflictView } from '@/components/form/conflict-view';
import { LeaveDialog } from '@/components/form/leave-dialog';
import { editedObject, keepEditing, takeTheirs } from '@/components/form/object-edit';
import { ObjectNotices } from '@/components/form/object-notices';
import { useLeaveGuard } from '@/components/form/use-leave-guard';
import { type ObjectPlace, useObjectEdit } from '@/components/form/use-object-edit';
import type { Ref } from '@/lib/k8s/object';
import { RESOURCES } from '@/lib/kinds/resources';
import type { VmFacts } from '@/lib/kinds/vm/facts';
import type { VirtualMachine, VirtualMachineInstance } from '@/lib/kinds/vm/types';
import type { ManifestObject } from '@/lib/manifest/manifest';
import { useVmEdit } from '../form/use-vm-edit';
import { VmFormProvider } from '../form/vm-form';
import { ConfigurationTab } from './configuration-tab';
import styles from './configure.module.css';
import { DevicesTab } from './devices-tab';
import { LiveProgress } from './live-progress';
import { PendingCard } from './pending-card';
import { SaveBar } from './save-bar';

const YamlTab = dynamic(
  () => import('@/components/form/object-editor').then((all) => all.SharedObjectEditor),
  { loading: () => <Skeleton height="24rem" /> },
);

/** The tabs in which a VM is changed. */
export type EditTab = 'configuration' | 'disks' | 'networks' | 'yaml';

/**
 * Forms and YAML of one VM: views of one text, with one draft, one save and one conflict. Without a tab it shows
 * nothing, and keeps what was begun.
 */
export function VmEditTabs({
  target,
  vm,
  vmi,
  facts,
  tab,
  isGone,
}: {
  target: Ref;
  vm: VirtualMachine;
  vmi: VirtualMachineInstance | undefined;
  facts: VmFacts;
  tab: EditTab | undefined;
  isGone: boolean;
}) {
  const place: ObjectPlace = { ...target, resource: RESOURCES.virtualMachines };
  // Any object is a mapping; the wire type only says more about it.
  const work = useObjectEdit(place, vm as unknown as ManifestObject);
  const edit = useVmEdit(place, work, vmi, isGone);
  const [isConflict, setConflict] = useState(false);
  const leaving = useLeaveGuard(work.changed && tab !== 'yaml', work.isKept && work.draftKey !== undefined);
  if (!tab) return <LeaveDialog leaving={leaving} />;
  if (tab === 'yaml') return <YamlTab place={place} work={work} isGone={isGone} />;

  const { ahead } = work.edit;
  if (isConflict && ahead) {
    const settle = (settledText: string) => {
      setConflict(false);
      const settled = work.settle(settledText);
      if (editedObject(settledText)) void work.save(settled);
    };
    return (
      <ConflictView
        edit={work.edit}
        onSettle={settle}
        onTakeTheirs={() => {
          work.discard();
          setConflict(false);
        }}
        onBack={() => setConflict(false)}
      />
    );
  }
  return (
    <VmFormProvider value={edit.form}>
      <div className={styles.tab}>
        <ObjectNotices
          place={place}
          work={work}
          isGone={isGone}
          onShowConflict={() => setConflict(true)}
          onKeepEditing={() => work.setEdit(keepEditing)}
          onTakeTheirs={() => (ahead && work.changed ? work.discard() : work.setEdit(takeTheirs))}
        />
        {edit.form.locked && !isGone && work.state !== 'saving' && (
          <p className={styles.lead}>{edit.form.locked}</p>
        )}
        {tab === 'configuration' && vmi && (
          <>
            <LiveProgress kind="all" vmi={vmi} />
            <PendingCard target={target} vm={vm} vmi={vmi} facts={facts} form={edit.form} />
          </>
        )}
        {tab === 'configuration' && <ConfigurationTab target={target} opened={work.edit.opened} />}
        {tab !== 'configuration' && <DevicesTab kind={tab} vm={vm} vmi={vmi} />}
        <SaveBar target={target} work={work} edit={edit} onConflict={() => setConflict(true)} />
      </div>
      <LeaveDialog leaving={leaving} />
    </VmFormProvider>
  );
}
