'use client';

import { Button } from '@patternfly/react-core';
import { useMemo, useState } from 'react';
import { useExplain } from '@/components/access/refusals';
import { followObject, isChanged } from '@/components/form/object-edit';
import { reviewObject } from '@/components/form/object-problems';
import { ReasonedButton } from '@/components/form/reasoned-button';
import { ServerRefusal } from '@/components/form/server-refusal';
import type { ObjectWork } from '@/components/form/use-object-edit';
import { ErrorAlert } from '@/components/ui/error-panel';
import { useText } from '@/components/ui/text';
import { ApiError, type ApiErrorJson } from '@/lib/k8s/error';
import type { Ref } from '@/lib/k8s/object';
import { type ApiRequest, callApi } from '@/lib/k8s/request';
import { verdictOf } from '@/lib/kinds/vm/form/applies';
import { isWithin } from '@/lib/kinds/vm/form/field';
import { pendingChanges } from '@/lib/kinds/vm/pending';
import { plugCalls } from '@/lib/kinds/vm/plug-calls';
import type { VirtualMachine } from '@/lib/kinds/vm/types';
import { plugVolumes } from '@/lib/live/plug-volumes';
import { useFeatures } from '@/lib/live/use-features';
import { differences } from '@/lib/manifest/changes';
import { editable } from '@/lib/manifest/edit';
import { fieldPathText } from '@/lib/manifest/field-path';
import { text } from '@/lib/text';
import type { VmEdit } from '../form/use-vm-edit';
import { type ChangeRow, ChangeRows } from './change-rows';
import styles from './configure.module.css';

/** What the form's edit changes, each with when it takes effect; saves it, or gives it up. */
export function SaveBar({
  target,
  work,
  edit,
  onConflict,
}: {
  target: Ref;
  work: ObjectWork;
  edit: VmEdit;
  onConflict: () => void;
}) {
  const t = useText();
  const explain = useExplain();
  const { form, refusal } = edit;
  const { changed, state, answer } = work;
  const { opened, text: content } = work.edit;
  const [isOpen, setOpen] = useState(false);
  const rows = useChangeRows(work, edit);
  const review = useMemo(() => reviewObject(opened, content, answer.said), [opened, content, answer.said]);
  const features = useFeatures(form.cluster);
  const [isPlugging, setPlugging] = useState(false);
  const [refused, setRefused] = useState<ApiErrorJson>();
  // Where KubeVirt follows the template, saving is all; where no guest runs, too.
  const byCall = form.vmi !== undefined && features.imperativeHotplug && !features.declarativeHotplug;
  const plugs = byCall ? plugCalls(target, opened, form.draft.vm) : [];
  const isSaving = state === 'saving' || isPlugging;
  if (!changed && !answer.error) return null;

  const reason = isSaving ? undefined : (form.locked ?? (review.unsendable && t(review.unsendable)));
  const save = async () => {
    if (isSaving || !isChanged(work.edit)) return;
    setRefused(undefined);
    let from = work.edit;
    if (plugs.length > 0) {
      setPlugging(true);
      try {
        const call = async (path: string, request?: ApiRequest) =>
          (await callApi(form.cluster, path, request)).body;
        from = followObject(from, await plugVolumes(target, plugs, call));
        work.setEdit(from);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        setRefused(error.toJSON());
        return;
      } finally {
        setPlugging(false);
      }
      if (!isChanged(from)) return;
    }
    if ((await work.save(from)) === 'conflict') onConflict();
  };
  return (
    <section className={styles.bar} aria-label={t('configure.bar.label')}>
      {answer.error && (
        <ServerRefusal error={answer.error} rest={answer.rest} isPlaced={answer.said.length > 0} />
      )}
      {refused && <ErrorAlert error={refused} />}
      {isOpen && rows.length > 0 && (
        <div className={styles.barList}>
          <ChangeRows rows={rows} label={t('configure.bar.list')} />
        </div>
      )}
      <div className={styles.buttons}>
        <ReasonedButton
          label={t('yaml.object.save')}
          reason={reason}
          onExplain={refusal ? () => explain(form.cluster, [refusal]) : undefined}
          isLoading={isSaving}
          onClick={() => void save()}
        />
        <Button variant="secondary" isDisabled={!changed || isSaving} onClick={work.discard}>
          {t('yaml.object.discard')}
        </Button>
        <span role="status">{t('configure.bar.count', { count: rows.length })}</span>
        {rows.length > 0 && (
          <Button variant="link" isInline aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
            {t(isOpen ? 'configure.bar.hide' : 'configure.bar.show')}
          </Button>
        )}
      </div>
    </section>
  );
}

function useChangeRows(work: ObjectWork, { form }: VmEdit): ChangeRow[] {
  const features = useFeatures(form.cluster);
  const { opened } = work.edit;
  const { vm } = form.draft;
  const { vmi } = form;
  return useMemo(() => {
    // A manifest is a VM as far as it goes; what is compared looks at each field.
    const pending = vmi && pendingChanges(vm as unknown as VirtualMachine, vmi);
    return differences(editable(opened), editable(vm)).map(({ path, before, after }) => {
      const place = fieldPathText(path);
      const verdict =
        vmi && !features.isLoading ? verdictOf([place], { features, vm: opened, vmi, after: vm }) : undefined;
      const row = { path: place, before, after };
      const isRunning =
        verdict?.applies === 'restart' &&
        place.startsWith('spec.template.spec.') &&
        !pending?.some((each) => isWithin(each.path, place) || isWithin(place, each.path));
      if (isRunning) return { ...row, state: text('configure.bar.runs') };
      return { ...row, applies: verdict?.applies, why: verdict?.why };
    });
  }, [opened, vm, vmi, features]);
}
