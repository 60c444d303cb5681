'use client';

import { useText } from '@/components/ui/text';
import { refusalText } from '@/lib/kinds/abilities';
import { isCall, VM_ACTIONS, type VmAction } from '@/lib/kinds/vm/actions';
import { useRefusals } from '@/lib/live/use-access';
import { useAction } from '@/lib/live/use-action';
import { paths } from '@/lib/paths';
import type { PaletteEntry } from './entries';

const ALL: readonly VmAction[] = VM_ACTIONS;
const NEEDED = ALL.map(({ access }) => access);
const NOWHERE = { cluster: '', namespace: '', name: '' };

/**
 * Every action of one VM, from the one list of actions, with the reason where it cannot be used. What has to be
 * confirmed is asked on the VM's own page, which the entry leads to.
 */
export function useVmEntries(vm: PaletteEntry['vm']): PaletteEntry[] {
  const t = useText();
  const run = useAction();
  const { cluster, namespace, name } = vm?.target ?? NOWHERE;
  const refusals = useRefusals(cluster, namespace, NEEDED, { active: vm !== undefined, name });
  if (!vm) return [];
  const { target, row } = vm;
  return ALL.map((action): PaletteEntry => {
    const refusal = refusals.get(action.access);
    const why = refusal ? refusalText(refusal, t) : action.unavailable(row.facts);
    const entry = {
      id: `vm-action-${action.id}`,
      label: t(action.label),
      ...(why ? { reason: t(why) } : {}),
    };
    if (!isCall(action))
      return { ...entry, href: action.href(target), ...(action.here ? {} : { newTab: true }) };
    if (action.confirm) return { ...entry, href: paths.vmAction(target, action.id) };
    return { ...entry, onSelect: () => run(action, target, row.facts) };
  });
}
