'use client';

import { useState } from 'react';
import { ActionMenu } from '@/components/ui/action-menu';
import { useText } from '@/components/ui/text';
import { useVmItems, VmActionsProvider } from '@/components/vm/vm-actions';
import type { Ref } from '@/lib/k8s/object';
import type { VmFacts } from '@/lib/kinds/vm/facts';

/** The VM's actions in a console's own tab, where no page header has them. */
export function ConsolePower({ vm, facts }: { vm: Ref; facts: VmFacts }) {
  return (
    <VmActionsProvider>
      <PowerMenu vm={vm} facts={facts} />
    </VmActionsProvider>
  );
}

function PowerMenu({ vm, facts }: { vm: Ref; facts: VmFacts }) {
  const t = useText();
  const [isOpen, setIsOpen] = useState(false);
  const items = useVmItems(vm, facts, isOpen).filter(({ group }) => group === 'power' || group === 'guest');
  return (
    <ActionMenu
      items={items}
      label={t('consoles.bar.power')}
      text={t('consoles.bar.power')}
      isOpen={isOpen}
      onOpenChange={setIsOpen}
    />
  );
}
