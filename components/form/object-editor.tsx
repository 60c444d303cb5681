'use client';

import { Alert, Button, Switch } from '@patternfly/react-core';
import { useDeferredValue, useMemo, useRef, useState } from 'react';
import { useExplain } from '@/components/access/refusals';
import { useText } from '@/components/ui/text';
import { refusalText } from '@/lib/kinds/abilities';
import { useRefusals } from '@/lib/live/use-access';
import type { ManifestObject } from '@/lib/manifest/manifest';
import { writeManifest } from '@/lib/manifest/write';
import { type Text, text } from '@/lib/text';
import { ApplyConflict } from './apply-conflict';
import { ConflictView } from './conflict-view';
import { CopyAndDownload } from './copy-and-download';
import { CopyCommand } from './copy-command';
import styles from './form.module.css';
import { LeaveDialog } from './leave-dialog';
import { ManagedFields } from './managed-fields';
import { editedObject, isChanged, keepEditing, takeTheirs } from './object-edit';
import { restoredText } from './object-history';
import { ObjectNotices } from './object-notices';
import { reviewObject } from './object-problems';
import { ProblemList } from './problem-list';
import { ReasonedButton } from './reasoned-button';
import { versionOf } from './save-object';
import { SaveWayMenu } from './save-way-menu';
import { ownedFields, type SaveWay } from './save-whole';
import { ServerRefusal } from './server-refusal';
import { useSchemaProblems } from './use-editor-help';
import { useLeaveGuard } from './use-leave-guard';
import { type ObjectPlace, type ObjectWork, useObjectEdit } from './use-object-edit';
import { useObjectHistory } from './use-object-history';
import { VersionView } from './version-view';
import { YamlDiff } from './yaml-diff';
import { YamlEditor, type YamlEditorHandle } from './yaml-editor';

type View = 'text' | 'changes' | 'conflict' | 'versions';

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
  const [way, setWay] = useState<SaveWay>('patch');
  const [showsManaged, setShowsManaged] = useState(false);
  const versions = useObjectHistory(place, work);
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

  const isMasked = reveal !== undefined && !reveal.isRevealed;
  const owned = ownedFields(answer.error);

  const save = async (from = edit, by: SaveWay = isMasked ? 'patch' : way) => {
    if (isSaving || !isChanged(from) || isGone || mayNot) return;
    if (reviewObject(from.opened, from.text, answer.said).unsendable) return;
    if ((await work.save(from, by)) === 'conflict') setView('conflict');
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
      ) : view === 'versions' ? (
        <VersionView
          versions={versions}
          text={edit.text}
          isReadOnly={mayNot || isSaving || isGone}
          onRestore={({ object }) => {
            work.type(restoredText(edit.text, edit.opened, object));
            setView('text');
          }}
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
      {work.stayed.length > 0 && state === 'saved' && (
        <Alert
          isInline
          isPlain
          variant="info"
          title={t('editor.stayed', { fields: work.stayed.join(', ') })}
        />
      )}
      {owned.length > 0 && (
        <ApplyConflict fields={owned} isSaving={isSaving} onForce={() => void save(edit, 'force')} />
      )}
      {answer.error && owned.length === 0 && (
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
        <SaveWayMenu way={isMasked ? 'patch' : way} onChoose={setWay} isMasked={isMasked} />
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
        <Button
          variant="link"
          aria-pressed={view === 'versions'}
          onClick={() => setView(view === 'versions' ? 'text' : 'versions')}
        >
          {t(view === 'versions' ? 'editor.version.hide' : 'editor.version.show')}
        </Button>
        <span className={styles.spacer} />
        {reveal && (
          <Button variant="link" onClick={reveal.toggle}>
            {t(reveal.isRevealed ? 'yaml.object.hideValues' : 'yaml.object.showValues')}
          </Button>
        )}
        <Switch
          label={t('editor.managed.show')}
          isChecked={showsManaged}
          onChange={(_, shows) => setShowsManaged(shows)}
        />
        <CopyCommand text={edit.text} patch={{ place, edit }} />
        <CopyAndDownload text={edit.text} fileName={`${resource.kind.toLowerCase()}-${name}.yaml`} />
      </div>
      {showsManaged && <ManagedFields place={place} version={versionOf(edit.opened)} />}
      {way === 'patch' && <p className={styles.hint}>{t('yaml.object.hint')}</p>}
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
