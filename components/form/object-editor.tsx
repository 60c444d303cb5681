'use client';

import { Button } from '@patternfly/react-core';
import { useDeferredValue, useMemo, useRef, useState } from 'react';
import { useExplain } from '@/components/access/refusals';
import { useText } from '@/components/ui/text';
import { refusalText } from '@/lib/kinds/abilities';
import { useRefusals } from '@/lib/live/use-access';
import type { ManifestObject } from '@/lib/manifest/manifest';
import { writeManifest } from '@/lib/manifest/write';
import { type Text, text } from '@/lib/text';
import { ConflictView } from './conflict-view';
import { CopyAndDownload } from './copy-and-download';
import styles from './form.module.css';
import { LeaveDialog } from './leave-dialog';
import { editedObject, isChanged, keepEditing, takeTheirs } from './object-edit';
import { ObjectNotices } from './object-notices';
import { reviewObject } from './object-problems';
import { ProblemList } from './problem-list';
import { ReasonedButton } from './reasoned-button';
import { ServerRefusal } from './server-refusal';
import { useSchemaProblems } from './use-editor-help';
import { useLeaveGuard } from './use-leave-guard';
import { type ObjectPlace, type ObjectWork, useObjectEdit } from './use-object-edit';
import { YamlDiff } from './yaml-diff';
import { YamlEditor, type YamlEditorHandle } from './yaml-editor';

type View = 'text' | 'changes' | 'conflict';

/** Shows an object as YAML, takes edits, and sends them. */
export function ObjectEditor({
  place,
  live,
  isGone,
}: {
  place: ObjectPlace;
  live: ManifestObject;
  isGone: boolean;
}) {
  return <SharedObjectEditor place={place} work={useObjectEdit(place, live)} isGone={isGone} />;
}

/** The same over an edit that others look at, too. */
export function SharedObjectEditor({
  place,
  work,
  isGone,
}: {
  place: ObjectPlace;
  work: ObjectWork;
  isGone: boolean;
}) {
  const t = useText();
  const editor = useRef<YamlEditorHandle>(null);
  const [view, setView] = useState<View>('text');
  const { edit, answer, state, changed, reveal } = work;
  const { cluster, resource, namespace, name } = place;

  const content = useDeferredValue(edit.text);
  const review = useMemo(
    () => reviewObject(edit.opened, content, answer.said),
    [edit.opened, content, answer.said],
  );
  const problems = useSchemaProblems(cluster, content, review.problems);
  const explain = useExplain();
  const asked = useMemo(() => [{ verb: 'patch', resource }], [resource]);
  const refusal = [...useRefusals(cluster, namespace, asked, { name }).values()].at(0);
  const mayNot = refusal !== undefined;
  const leaving = useLeaveGuard(changed, work.isKept && work.draftKey !== undefined);
  const reason = whyNot({ isGone, changed, unsendable: review.unsendable, kind: resource.kind });
  const isSaving = state === 'saving';

  const save = async (from = edit) => {
    if (isSaving || !isChanged(from) || isGone || mayNot) return;
    if (reviewObject(from.opened, from.text, answer.said).unsendable) return;
    if ((await work.save(from)) === 'conflict') setView('conflict');
  };
  const settle = (settledText: string) => {
    setView('text');
    const settled = work.settle(settledText);
    if (editedObject(settledText)) void save(settled);
  };

  if (view === 'conflict' && edit.ahead) {
    return (
      <ConflictView
        edit={edit}
        onSettle={settle}
        onTakeTheirs={() => {
          work.discard();
          setView('text');
        }}
        onBack={() => setView('text')}
      />
    );
  }
  return (
    <div className={styles.form}>
      <ObjectNotices
        place={place}
        work={work}
        isGone={isGone}
        onShowConflict={() => setView('conflict')}
        onKeepEditing={() => work.setEdit(keepEditing)}
        onTakeTheirs={() => (edit.ahead && changed ? work.discard() : work.setEdit(takeTheirs))}
      />
      {view === 'changes' ? (
        <YamlDiff
          className={styles.editor ?? ''}
          before={writeManifest(edit.opened)}
          after={edit.text}
          beforeLabel={t('yaml.object.onServer')}
          afterLabel={t('yaml.object.mine')}
        />
      ) : (
        <YamlEditor
          ref={editor}
          className={styles.editor ?? ''}
          label={t('yaml.object.label', { kind: resource.kind, name })}
          value={edit.text}
          onChange={work.type}
          onSave={() => void save()}
          cluster={cluster}
          namespace={namespace}
          problems={problems}
          isReadOnly={mayNot || isSaving}
          status={t(changed ? 'yaml.object.changed' : 'yaml.object.followsLive')}
        />
      )}
      <ProblemList problems={problems} onReveal={(offset) => editor.current?.reveal(offset)} />
      {answer.error && (
        <ServerRefusal error={answer.error} rest={answer.rest} isPlaced={answer.said.length > 0} />
      )}
      <div className={`${styles.buttons} ${styles.sticky}`}>
        <ReasonedButton
          label={t('yaml.object.save')}
          reason={reason}
          onExplain={refusal && !isGone ? () => explain(cluster, [refusal]) : undefined}
          isLoading={isSaving}
          onClick={() => void save()}
        />
        <Button variant="secondary" isDisabled={!changed || isSaving} onClick={work.discard}>
          {t('yaml.object.discard')}
        </Button>
        <Button
          variant="link"
          isDisabled={!changed}
          aria-pressed={view === 'changes'}
          onClick={() => setView(view === 'changes' ? 'text' : 'changes')}
        >
          {t(view === 'changes' ? 'yaml.object.hideChanges' : 'yaml.object.showChanges')}
        </Button>
        <span className={styles.spacer} />
        {reveal && (
          <Button variant="link" onClick={reveal.toggle}>
            {t(reveal.isRevealed ? 'yaml.object.hideValues' : 'yaml.object.showValues')}
          </Button>
        )}
        <CopyAndDownload text={edit.text} fileName={`${resource.kind.toLowerCase()}-${name}.yaml`} />
      </div>
      <p className={styles.hint}>{t('yaml.object.hint')}</p>
      <LeaveDialog leaving={leaving} />
    </div>
  );

  function whyNot(now: {
    isGone: boolean;
    changed: boolean;
    unsendable: Text | undefined;
    kind: string;
  }): string | undefined {
    if (now.isGone) return t('yaml.object.gone', { kind: now.kind, name });
    if (refusal) return t('access.refused.select', { sentence: t(refusalText(refusal, t)) });
    if (!now.changed) return t(text('yaml.object.unchanged'));
    return now.unsendable && t(now.unsendable);
  }
}
