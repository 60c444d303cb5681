'use client';

import { createContext, use } from 'react';
import type { Applies } from '@/lib/kinds/vm/form/apply-context';
import type { DraftEdit, Field, VmDraft, VmManifest } from '@/lib/kinds/vm/form/field';
import { isWithin } from '@/lib/kinds/vm/form/field';
import type { VirtualMachineInstance } from '@/lib/kinds/vm/types';
import type { Text } from '@/lib/text';

/** Something to say about a place of the VM. */
export interface PlacedProblem {
  /** As the server spells it: `spec.template.spec.domain.devices.disks[1].name`. */
  path: string;
  severity: 'error' | 'warning' | 'info';
  message: Text;
}

/** What the sections of a VM's form share, whether the VM is being made or changed. */
export interface VmForm {
  cluster: string;
  namespace: string;
  mode: 'create' | 'configure';
  draft: VmDraft;
  /** Changes the draft, and with it the text of the manifest. */
  change(edit: DraftEdit): void;
  /** Of the dry run and of the manifest's own check. */
  problems: readonly PlacedProblem[];
  /** When changes of these paths take effect; undefined while no guest runs. */
  applies(paths: readonly string[]): Applies | undefined;
  /** Why nothing can be changed now. */
  locked: string | undefined;
  /** The guest that runs, if any. */
  vmi: VirtualMachineInstance | undefined;
}

const Context = createContext<VmForm | undefined>(undefined);

export const VmFormProvider = Context.Provider;

/** The form around this component. */
export function useVmForm(): VmForm {
  const form = use(Context);
  if (!form) throw new Error('No VM form around this section');
  return form;
}

/** A field's value in the draft, what sets it, and what is wrong with it. */
export function useField<T>(field: Field<T>) {
  const form = useVmForm();
  const { draft, problems, change } = form;
  const value = field.read(draft.vm);
  const own = ownProblems(field, value, draft.vm);
  // What the field's own rules have found, the server would only say again.
  const said = problems.filter(
    ({ path, severity }) =>
      field.paths.some((each) => isWithin(path, each)) && !own.some((each) => each.severity === severity),
  );
  return {
    value,
    set: (next: T) => change((before) => ({ ...before, vm: field.write(before.vm, next) })),
    problems: [...own, ...said],
    applies: form.applies(field.paths),
    locked: form.locked,
  };
}

/** What the rules that need no cluster say of a field's value. */
export function ownProblems<T>(field: Field<T>, value: T, vm: VmManifest): PlacedProblem[] {
  const path = field.paths[0] ?? '';
  const wrong = field.problem?.(value, vm);
  const odd = wrong ? undefined : field.warning?.(value, vm);
  return [
    ...(wrong ? [{ path, severity: 'error' as const, message: wrong }] : []),
    ...(odd ? [{ path, severity: 'warning' as const, message: odd }] : []),
  ];
}

/** The edit that changes the VM alone. */
export function onVm(edit: (vm: VmManifest) => VmManifest): DraftEdit {
  return (draft) => ({ ...draft, vm: edit(draft.vm) });
}
