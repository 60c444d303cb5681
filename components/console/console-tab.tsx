'use client';

import '@xterm/xterm/css/xterm.css';
import { usePathname, useSearchParams } from 'next/navigation';
import type { ReactNode } from 'react';
import type { ConsoleKind } from '@/lib/paths';
import styles from './console.module.css';
import { ConsoleView } from './console-view';
import { KindSwitch } from './kind-switch';
import { useSituation } from './use-situation';

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
  const kind: ConsoleKind = search.get('console') === 'serial' ? 'serial' : 'vnc';
  const choose = (next: ConsoleKind) => {
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
