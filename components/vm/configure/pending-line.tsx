'use client';

import { Button } from '@patternfly/react-core';
import { useText } from '@/components/ui/text';
import { pendingChanges, restartReason } from '@/lib/kinds/vm/pending';
import type { VirtualMachine, VirtualMachineInstance } from '@/lib/kinds/vm/types';
import styles from '../vm.module.css';

/** One line under a VM's header: how much of what is stored is not in the guest that runs. */
export function PendingLine({
  vm,
  vmi,
  onShow,
}: {
  vm: VirtualMachine;
  vmi: VirtualMachineInstance;
  onShow: () => void;
}) {
  const t = useText();
  const count = pendingChanges(vm, vmi).length;
  if (count === 0 && restartReason(vm) === undefined) return null;
  return (
    <p className={styles.reason}>
      {count > 0 ? t('configure.pending.line', { count }) : t('configure.pending.unknown')}{' '}
      <Button variant="link" isInline onClick={onShow}>
        {t('configure.pending.show')}
      </Button>
    </p>
  );
}
