'use client';

import dynamic from 'next/dynamic';
import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from 'react';
import { useExplain } from '@/components/access/refusals';
import type { ActionItem } from '@/components/ui/action-item';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { useText } from '@/components/ui/text';
import type { Ref } from '@/lib/k8s/object';
import { ACCESS, refusalText } from '@/lib/kinds/abilities';
import {
  isCall,
  VM_ACTIONS,
  type VmAction,
  type VmActionId,
  type VmCallAction,
} from '@/lib/kinds/vm/actions';
import type { VmFacts } from '@/lib/kinds/vm/facts';
import { renameUnavailable } from '@/lib/kinds/vm/rename';
import { isOpen, useTasks } from '@/lib/live/tasks';
import { useRefusals } from '@/lib/live/use-access';
import { useAction } from '@/lib/live/use-action';
import { DeleteDialog } from './delete-dialog';
import type { Organising } from './tree/organise-dialog';

/** Asks for what an action must know or have confirmed, then runs it. */
type Request = (action: VmCallAction, target: Ref, facts: VmFacts) => void;

// Few people open it, and its fields weigh.
const OrganiseDialog = dynamic(() => import('./tree/organise-dialog').then((all) => all.OrganiseDialog));

const RenameDialog = dynamic(() => import('./rename-dialog').then((all) => all.RenameDialog));

const OrganiseContext = createContext<(kind: Organising | 'rename', target: Ref) => void>(() => undefined);

const RequestContext = createContext<Request>(() => undefined);

/** Holds the one dialog that an action of the page may need. Stands around everything that shows VM actions. */
export function VmActionsProvider({ children }: { children: ReactNode }) {
  const t = useText();
  const run = useAction();
  const [asking, setAsking] = useState<{ action: VmCallAction; target: Ref; facts: VmFacts }>();
  const [organising, setOrganising] = useState<{ kind: Organising | 'rename'; target: Ref }>();
  const organise = useCallback(
    (kind: Organising | 'rename', target: Ref) => setOrganising({ kind, target }),
    [],
  );
  const closeOrganising = () => setOrganising(undefined);
  const request = useCallback<Request>(
    (action, target, facts) => {
      if (action.confirm) setAsking({ action, target, facts });
      else run(action, target, facts);
    },
    [run],
  );
  const close = () => setAsking(undefined);
  return (
    <RequestContext value={request}>
      <OrganiseContext value={organise}>{children}</OrganiseContext>
      {organising?.kind === 'rename' && <RenameDialog target={organising.target} onClose={closeOrganising} />}
      {organising && organising.kind !== 'rename' && (
        <OrganiseDialog kind={organising.kind} target={organising.target} onClose={closeOrganising} />
      )}
      {asking?.action.id === 'delete' && (
        <DeleteDialog
          {...asking}
          onCancel={close}
          onConfirm={(input) => {
            close();
            run(asking.action, asking.target, asking.facts, input);
          }}
        />
      )}
      {asking?.action.confirm && asking.action.id !== 'delete' && (
        <ConfirmDialog
          title={t(asking.action.confirm.title, { name: asking.target.name })}
          verb={t(asking.action.label)}
          onCancel={close}
          onConfirm={() => {
            close();
            run(asking.action, asking.target, asking.facts);
          }}
        >
          {t(asking.action.confirm.loss)}
        </ConfirmDialog>
      )}
    </RequestContext>
  );
}

const ALL: readonly VmAction[] = VM_ACTIONS;
const DELETING = ALL.flatMap(({ id, access }) => (id === 'delete' ? [access] : []));
/** A new VM, the disks of the old one, and its end. */
const RENAMING = [ACCESS.createVm, ACCESS.patchVm, ...DELETING];
const NEEDED = [...new Set([...ALL.map(({ access }) => access), ...RENAMING])];
const ORGANISING = ['folder', 'labels'] as const satisfies Organising[];

/**
 * The actions of a VM as menus and buttons show them, in order: with words, progress, and why one cannot be used.
 * What the user may do is asked only while `active` (a menu is open, a header is shown).
 */
export function useVmItems(target: Ref, facts: VmFacts, active: boolean): ActionItem[] {
  const t = useText();
  const request = useContext(RequestContext);
  const organise = useContext(OrganiseContext);
  const explain = useExplain();
  const refusals = useRefusals(target.cluster, target.namespace, NEEDED, { active, name: target.name });
  const tasks = useTasks();
  const running = useMemo(
    () =>
      new Set(
        tasks.flatMap(({ state, follow, target: { cluster, namespace, name } }) =>
          isOpen(state) &&
          name === target.name &&
          namespace === target.namespace &&
          cluster === target.cluster
            ? [follow?.actionId]
            : [],
        ),
      ),
    [tasks, target.cluster, target.namespace, target.name],
  );
  // A menu that is closed shows nothing: a list has hundreds of them.
  if (!active) return [];
  const items = ALL.map((action): ActionItem => {
    const busy = running.has(action.id);
    const refusal = refusals.get(action.access);
    const why = action.unavailable(facts);
    const reason = refusal
      ? t('access.refused.select', { sentence: t(refusalText(refusal, t)) })
      : why && t(why);
    return {
      id: action.id,
      label: t(action.label),
      group: action.group,
      danger: action.tone === 'danger',
      busy,
      // What is being done is not refused: its control shows progress instead of a reason.
      reason: busy ? undefined : reason,
      onExplain: refusal && !busy ? () => explain(target.cluster, [refusal]) : undefined,
      ...(isCall(action)
        ? { onSelect: () => request(action, target, facts) }
        : { href: action.href(target), ...(action.here ? { here: true } : {}) }),
    };
  });
  const refusal = refusals.get(ACCESS.patchVm);
  const organising = ORGANISING.map(
    (kind): ActionItem => ({
      id: `organise-${kind}`,
      label: t(kind === 'folder' ? 'tree.organise.move' : 'tree.organise.labels'),
      group: 'organise',
      reason: refusal && t('access.refused.select', { sentence: t(refusalText(refusal, t)) }),
      onExplain: refusal && (() => explain(target.cluster, [refusal])),
      onSelect: () => organise(kind, target),
    }),
  );
  const unfit = renameUnavailable(facts);
  const denied = RENAMING.flatMap((access) => refusals.get(access) ?? [])[0];
  const renaming: ActionItem = {
    id: 'rename',
    label: t('configure.rename.label'),
    group: 'organise',
    reason: denied ? t('access.refused.select', { sentence: t(refusalText(denied, t)) }) : unfit && t(unfit),
    onExplain: denied && (() => explain(target.cluster, [denied])),
    onSelect: () => organise('rename', target),
  };
  // What loses something stands last.
  const last = items.findIndex(({ group }) => group === 'danger');
  return [...items.slice(0, last), ...organising, renaming, ...items.slice(last)];
}

/** Those of the items with these ids, in the order asked for. */
export function pickItems(items: ActionItem[], ids: VmActionId[]): ActionItem[] {
  return ids.flatMap((id) => items.find((item) => item.id === id) ?? []);
}
