'use client';

import { useCallback, useMemo, useRef } from 'react';
import { editedObject, openObject } from '@/components/form/object-edit';
import type { ObjectPlace, ObjectWork } from '@/components/form/use-object-edit';
import { useText } from '@/components/ui/text';
import { sameJson } from '@/lib/k8s/patch';
import { ACCESS, type Refusal, refusalText } from '@/lib/kinds/abilities';
import { appliesWhen } from '@/lib/kinds/vm/form/applies';
import type { DraftEdit } from '@/lib/kinds/vm/form/field';
import type { VirtualMachineInstance } from '@/lib/kinds/vm/types';
import { useRefusals } from '@/lib/live/use-access';
import { useFeatures } from '@/lib/live/use-features';
import { rewriteObject } from '@/lib/manifest/documents';
import { parseFieldPath, valueNear } from '@/lib/manifest/field-path';
import { readManifests } from '@/lib/manifest/read';
import { tidy } from '@/lib/manifest/write';
import { text } from '@/lib/text';
import type { PlacedProblem, VmForm } from './vm-form';

const NEEDED = [ACCESS.patchVm];

/** A VM's form over the text of its edit, and why it can't be saved. */
export interface VmEdit {
  form: VmForm;
  /** The sentence about a right that is missing, if one is. */
  refusal: Refusal | undefined;
}

/** The form of a VM that exists: it reads and writes the same text that the YAML editor shows. */
export function useVmEdit(
  place: ObjectPlace,
  work: ObjectWork,
  vmi: VirtualMachineInstance | undefined,
  isGone: boolean,
): VmEdit {
  const t = useText();
  const { cluster, namespace = '', name } = place;
  const features = useFeatures(cluster);
  const refusal = useRefusals(cluster, namespace, NEEDED, { name }).get(ACCESS.patchVm);
  const { edit, answer, state, rewrite } = work;
  const read = useMemo(() => editedObject(edit.text), [edit.text]);
  // While somebody types what can't be read yet, the form shows what could be read last.
  const last = useRef(read ?? edit.opened);
  if (read) last.current = read;
  const vm = last.current;

  const locked = useMemo(() => {
    if (isGone) return t('yaml.object.gone', { kind: place.resource.kind, name });
    if (refusal) return t('access.refused.select', { sentence: t(refusalText(refusal, t)) });
    if (state === 'saving') return t('configure.saving');
    return read ? undefined : t('configure.unreadable', { line: brokenLine(edit.text) });
  }, [t, isGone, refusal, state, read, edit.text, place.resource.kind, name]);

  const change = useCallback(
    (step: DraftEdit) =>
      rewrite((current) => {
        const before = editedObject(current.text);
        if (!before) return undefined;
        const { vm: after } = step({ vm: before, others: [] });
        if (after === before) return undefined;
        // Back where it began, nothing is left of the edit, not even another way to write the same.
        const opened = openObject(current.opened).text;
        if (sameJson(tidy(after), editedObject(opened))) return opened;
        return rewriteObject(current.text, after);
      }),
    [rewrite],
  );

  const problems = useMemo(
    (): PlacedProblem[] =>
      answer.said
        .filter(({ field, about }) => valueNear(vm, parseFieldPath(field)) === about)
        .map(({ field, severity, words }) => ({
          path: field,
          severity,
          message: text('yaml.problem.server', { words }),
        })),
    [answer.said, vm],
  );

  const applies = useCallback(
    (paths: readonly string[]) =>
      vmi && !features.isLoading
        ? appliesWhen(paths, { features, vm: edit.opened, vmi, after: vm })
        : undefined,
    [features, edit.opened, vmi, vm],
  );

  const form = useMemo(
    (): VmForm => ({
      ...{ cluster, namespace, mode: 'configure', draft: { vm, others: [] }, change },
      ...{ problems, applies, locked, vmi },
    }),
    [cluster, namespace, vm, change, problems, applies, locked, vmi],
  );
  return { form, refusal };
}

/** The first line that can't be read. */
function brokenLine(content: string): number {
  const { problems } = readManifests(content);
  const offset = problems.find(({ severity }) => severity === 'error')?.range.from ?? 0;
  return content.slice(0, offset).split('\n').length;
}
