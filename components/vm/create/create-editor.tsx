'use client';

import { Alert, Button, Title, ToggleGroup, ToggleGroupItem } from '@patternfly/react-core';
import { useRef, useState } from 'react';
import { DefaultNamespace } from '@/components/form/create/default-namespace';
import { LeaveDialog } from '@/components/form/leave-dialog';
import { useSchemaProblems } from '@/components/form/use-editor-help';
import { YamlEditor, type YamlEditorHandle } from '@/components/form/yaml-editor';
import { Age } from '@/components/ui/age';
import { useText } from '@/components/ui/text';
import { VmFormProvider } from '../form/vm-form';
import { BatchProvider } from './batch/batch-context';
import styles from './create.module.css';
import { CreateFoot } from './create-foot';
import { StartTools } from './start-tools';
import { StepNav } from './step-nav';
import { STEPS } from './steps';
import { useCreateForm } from './use-create-form';
import { useStep } from './use-step';

/** Steps, form and manifest of a VM that is being made: two views of one text. */
export function CreateEditor({
  cluster,
  initial,
  draftKey,
}: {
  cluster: string;
  /** What the text was before anybody touched it. */
  initial: string;
  draftKey: string;
}) {
  const t = useText();
  const editor = useRef<YamlEditorHandle>(null);
  const [step, goTo, hrefOf] = useStep();
  // Matters only where there is no room for both.
  const [view, setView] = useState<'form' | 'yaml'>('form');
  const create = useCreateForm({ cluster, initial, draftKey });
  const { text, form } = create;
  const problems = useSchemaProblems(cluster, text, create.lines);
  const shown = STEPS.find(({ id }) => id === step) ?? STEPS[0];
  const at = STEPS.findIndex(({ id }) => id === shown?.id);
  const following = STEPS[at + 1];
  const reveal = (offset: number) => {
    setView('yaml');
    editor.current?.reveal(offset);
  };
  const open = (id: string) => {
    setView('form');
    goTo(id);
  };

  return (
    <div className={styles.whole}>
      <div role="status" className={styles.notices}>
        {create.restoredAt !== undefined && (
          <Alert
            isInline
            isPlain
            variant="info"
            title={
              <>
                {t('yaml.draft.restored')} <Age time={new Date(create.restoredAt).toISOString()} ago />{' '}
                {create.hasFreshPasswords && t('create.draft.freshPasswords')}
              </>
            }
            actionLinks={
              <Button variant="link" isInline onClick={create.startOver}>
                {t('yaml.draft.startOver')}
              </Button>
            }
          />
        )}
        {create.isUnsaved && !create.isKept && (
          <Alert isInline isPlain variant="warning" title={t('yaml.draft.notKept')} />
        )}
      </div>
      <StartTools cluster={cluster} create={create} />
      <ToggleGroup aria-label={t('create.view.label')} className={styles.switch}>
        {(['form', 'yaml'] as const).map((each) => (
          <ToggleGroupItem
            key={each}
            buttonId={`create-view-${each}`}
            text={t(`create.view.${each}`)}
            isSelected={view === each}
            onChange={() => setView(each)}
          />
        ))}
      </ToggleGroup>
      <div className={styles.split} data-view={view}>
        <div className={styles.side}>
          <StepNav
            steps={STEPS}
            current={shown?.id ?? ''}
            states={create.states}
            hrefOf={hrefOf}
            onGo={open}
          />
        </div>
        <section className={styles.form} aria-labelledby="create-step">
          {shown && (
            <Title headingLevel="h2" id="create-step">
              {t(shown.title)}
            </Title>
          )}
          {form.locked && <Alert isInline variant="warning" title={form.locked} />}
          <BatchProvider value={create.batch.form}>
            <VmFormProvider value={form}>
              {/* A fieldset that is disabled holds even the controls of a section that don't ask whether they may. */}
              <fieldset disabled={form.locked !== undefined} className={styles.fields}>
                {shown && <shown.Component key={shown.id} />}
              </fieldset>
            </VmFormProvider>
          </BatchProvider>
          {following && (
            <div>
              <Button variant="secondary" onClick={() => open(following.id)}>
                {t('create.steps.next', { title: t(following.title) })}
              </Button>
            </div>
          )}
        </section>
        <section className={styles.manifest} aria-labelledby="create-manifest">
          <Title headingLevel="h2" id="create-manifest" className={styles.manifestTitle}>
            {t('create.manifest.title')}
          </Title>
          <YamlEditor
            ref={editor}
            className={styles.editor ?? ''}
            label={t('create.manifest.label')}
            value={text}
            onChange={create.setText}
            cluster={cluster}
            namespace={form.namespace}
            problems={problems}
            isReadOnly={create.run.doing === 'creating'}
            status={t('yaml.create.count', { count: create.made.reading.manifests.length })}
          />
          {create.needsNamespace && (
            <DefaultNamespace
              cluster={cluster}
              value={create.defaultNamespace}
              onChange={create.setDefaultNamespace}
            />
          )}
        </section>
      </div>
      <CreateFoot cluster={cluster} create={create} onReveal={reveal} onStep={open} />
      <LeaveDialog leaving={create.leaving} />
    </div>
  );
}
