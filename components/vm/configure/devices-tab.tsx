'use client';

import { Title } from '@patternfly/react-core';
import { useText } from '@/components/ui/text';
import type { VirtualMachine, VirtualMachineInstance } from '@/lib/kinds/vm/types';
import { DiskTable, NicTable } from '../device-tables';
import { Section } from '../fact-list';
import { VM_SECTIONS } from '../form/sections';
import styles from './configure.module.css';
import { LiveProgress } from './live-progress';

/** A VM's disks or networks: what its guest has now, what is on its way, and the form. */
export function DevicesTab({
  kind,
  vm,
  vmi,
}: {
  kind: 'disks' | 'networks';
  vm: VirtualMachine;
  vmi: VirtualMachineInstance | undefined;
}) {
  const t = useText();
  const section = VM_SECTIONS.find(({ id }) => id === kind);
  const Table = kind === 'disks' ? DiskTable : NicTable;
  return (
    <div className={styles.body}>
      {vmi && <LiveProgress kind={kind} vmi={vmi} />}
      <Section title={t(`configure.${kind}.${vmi ? 'running' : 'stored'}`)}>
        <Table vm={vm} vmi={vmi} />
      </Section>
      {section && (
        <>
          <Title headingLevel="h2" size="lg">
            {t(section.title)}
          </Title>
          <section.Component />
        </>
      )}
    </div>
  );
}
