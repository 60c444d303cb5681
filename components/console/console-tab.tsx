'use client';

import '@xterm/xterm/css/xterm.css';
import { usePathname, useSearchParams } from 'next/navigation';
import type { ReactNode } from 'react';
import type { ConsoleKind } from '@/lib/paths';
import styles from './console.module.css';
import { ConsoleView } from './console-view';
import { KindSwitch } from './kind-switch';
import { useSituation } from './use-situation';

/** Chosen last in this page, for coming back to the tab by an address that does not say. */
let lastKind: ConsoleKind = 'vnc';

/** The consoles inside a VM's page; which one shows is `?console=serial|vnc` in the URL. */
export function ConsoleTab({
  cluster,
  namespace,
  name,
  actions,
}: {
  cluster: string;
  namespace: string;
  name: string;
  actions?: ReactNode;
}) {
  const search = useSearchParams();
  const pathname = usePathname();
  const vm = { cluster, namespace, name };
  const situation = useSituation(vm);
  const named = search.get('console');
  const kind = named === 'serial' || named === 'vnc' ? named : lastKind;
  const choose = (next: ConsoleKind) => {
    lastKind = next;
    const params = new URLSearchParams(search);
    params.set('console', next);
    // Nothing of the page comes from the server for this, so only the address changes.
    window.history.replaceState(null, '', `${pathname}?${params}`);
  };
  return (
    <div className={styles.tab}>
      <ConsoleView
        key={kind}
        vm={vm}
        kind={kind}
        situation={situation}
        canDetach
        actions={actions}
        start={<KindSwitch kind={kind} onSwitch={choose} />}
      />
    </div>
  );
}
