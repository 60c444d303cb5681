'use client';

import { useSearchParams } from 'next/navigation';
import { useEffect, useRef } from 'react';
import type { ActionItem } from '@/components/ui/action-item';
import { VM_ACTIONS, type VmAction } from '@/lib/kinds/vm/actions';

/** Only what is confirmed first: an address that somebody sends must not do anything by itself. */
const ASKING = (VM_ACTIONS as readonly VmAction[]).filter((action) => 'confirm' in action && action.confirm);

/** Opens the question of the action that the address names (`?action=delete`), once, and takes it out of the address. */
export function useAskedAction(items: ActionItem[]): void {
  const params = useSearchParams();
  const asked = params.get('action');
  const done = useRef(false);
  const item = ASKING.some(({ id }) => id === asked) ? items.find(({ id }) => id === asked) : undefined;
  useEffect(() => {
    if (!item || done.current) return;
    done.current = true;
    const rest = new URLSearchParams(params);
    rest.delete('action');
    const { pathname } = window.location;
    window.history.replaceState(null, '', rest.size > 0 ? `${pathname}?${rest}` : pathname);
    if (!item.reason) item.onSelect?.();
  }, [item, params]);
}
