'use client';

import dynamic from 'next/dynamic';
import { useRouter } from 'next/navigation';
import { useEffect, useRef, useState } from 'react';
import { paths } from '@/lib/paths';
import { GO_MS, readShortcut } from './shortcuts';

const ShortcutSheet = dynamic(() => import('./shortcut-sheet').then((all) => all.ShortcutSheet), {
  ssr: false,
});

/** Listens for the shortcuts that count everywhere, and shows the sheet of all of them. */
export function GlobalShortcuts({ cluster }: { cluster: string | undefined }) {
  const router = useRouter();
  const [isOpen, setOpen] = useState(false);
  const pressedG = useRef(0);
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (document.querySelector('[aria-modal="true"]')) return;
      const target = event.target instanceof Element ? event.target : undefined;
      const asked = readShortcut(event, target, Date.now() - pressedG.current < GO_MS);
      pressedG.current = asked?.kind === 'g' ? Date.now() : 0;
      if (!asked || asked.kind === 'g') return;
      event.preventDefault();
      if (asked.kind === 'sheet') setOpen(true);
      else if (cluster !== undefined) router.push(`${paths.cluster(cluster)}${asked.page}`);
    };
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  }, [cluster, router]);
  return isOpen ? <ShortcutSheet onClose={() => setOpen(false)} /> : null;
}
