'use client';

import { type DragEvent, useEffect, useRef, useState } from 'react';
import { useText } from '@/components/ui/text';
import { ACCESS, checkOf, refusalOf, refusalText } from '@/lib/kinds/abilities';
import { bulkAction } from '@/lib/kinds/vm/bulk';
import {
  changeWords,
  type DropPlan,
  dropActionId,
  dropChange,
  type Labelled,
  planDrop,
} from '@/lib/kinds/vm/drop';
import type { LabelChange } from '@/lib/kinds/vm/labels';
import type { VmRow } from '@/lib/kinds/vm/row';
import type { TreePlace } from '@/lib/kinds/vm/tree';
import { changeLabels } from '@/lib/live/label-run';
import { useAccess } from '@/lib/live/use-access';
import { useBulk } from '@/lib/live/use-bulk';
import { type Text, text } from '@/lib/text';
import { useTreeScope } from './tree-context';

const OPEN_AFTER_MS = 700;

/** Why the VMs of a namespace may not be changed, as far as the cluster has said so. */
export function useDenials(
  cluster: string,
  namespaces: readonly string[],
): (namespace: string) => Text | undefined {
  const t = useText();
  const checks = [...new Set(namespaces)].map((namespace) => checkOf(ACCESS.patchVm, namespace));
  const verdict = useAccess(cluster, checks, checks.length > 0);
  return (namespace) => {
    const check = checkOf(ACCESS.patchVm, namespace);
    if (verdict(check)?.allowed !== false) return undefined;
    return text('tree.drop.denied', { sentence: t(refusalText(refusalOf(check), t)) });
  };
}

/** Changes labels of one VM; its task says how it goes, and `tell` when it is done. */
export function useLabelChange(cluster: string, tell?: (words: string) => void) {
  const t = useText();
  return async ({ namespace, name, uid }: Labelled, change: LabelChange): Promise<void> => {
    const isDone = await changeLabels({ cluster, namespace, name }, uid, change);
    tell?.(t(isDone ? changeWords(name, change).done : text('tree.drop.failed', { name })));
  };
}

export interface DropHandlers {
  /** `yes` while VMs are over it that it takes, `no` while over it are some that it does not. */
  over: 'yes' | 'no' | undefined;
  on: {
    onDragOver?: (event: DragEvent<HTMLElement>) => void;
    onDragLeave?: (event: DragEvent<HTMLElement>) => void;
    onDrop?: (event: DragEvent<HTMLElement>) => void;
  };
}

/** Makes an entry of the tree a place to drop VMs on. `open` unfolds it when somebody waits over it. */
export function useDrop(
  place: TreePlace | undefined,
  name: string,
  open: (() => void) | undefined,
): DropHandlers {
  const t = useText();
  const { cluster, tell, drag, denied } = useTreeScope();
  const [over, setOver] = useState<'yes' | 'no'>();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const changeOne = useLabelChange(cluster, tell);
  const bulk = useBulk(t);
  useEffect(() => () => clearTimeout(timer.current), []);

  const leave = () => {
    clearTimeout(timer.current);
    timer.current = undefined;
    setOver(undefined);
  };
  // A drag that ends elsewhere leaves nothing.
  if (!drag && over) setOver(undefined);
  if (!drag || !place) return { over: undefined, on: {} };

  const say = ({ moving, left }: DropPlan<VmRow>) => {
    const [first] = left;
    return [
      moving.length > 0 && t('tree.drop.does', { count: moving.length, place: name }),
      first && t('tree.drop.leaves', { count: left.length, reason: t(first.reason) }),
    ]
      .filter(Boolean)
      .join('. ');
  };

  return {
    over,
    on: {
      onDragOver: (event) => {
        event.stopPropagation();
        const plan = planDrop(place, drag.vms, denied);
        const takes = plan.moving.length > 0;
        // The event is only kept from its default where something can be dropped: the pointer shows the rest.
        if (takes) event.preventDefault();
        event.dataTransfer.dropEffect = takes ? 'move' : 'none';
        tell(say(plan));
        if (over !== (takes ? 'yes' : 'no')) setOver(takes ? 'yes' : 'no');
        if (open) timer.current ??= setTimeout(open, OPEN_AFTER_MS);
      },
      onDragLeave: leave,
      onDrop: (event) => {
        event.preventDefault();
        event.stopPropagation();
        leave();
        const change = dropChange(place);
        const { moving, left } = planDrop(place, drag.vms, denied);
        const [only] = moving;
        if (!change || !only) return;
        if (drag.vms.length === 1) return void changeOne(only, change);
        const action = bulkAction(dropActionId(place));
        if (!action) return;
        const skipped = left.map(({ vm, reason }) => ({ reason, rows: [vm] }));
        bulk.start({ cluster, action, input: { change }, runnable: moving, skipped });
        tell(t('tree.drop.started', { count: moving.length, place: name }));
      },
    },
  };
}
