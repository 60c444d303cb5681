'use client';

import { Alert, Button, PageSection, Title } from '@patternfly/react-core';
import { UploadIcon } from '@patternfly/react-icons';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useExplain } from '@/components/access/refusals';
import { Age } from '@/components/ui/age';
import { useText } from '@/components/ui/text';
import { checkKey } from '@/lib/k8s/access';
import { type Refusal, refusalText } from '@/lib/kinds/abilities';
import { hasErrors, type Problem } from '@/lib/manifest/problem';
import { placeSaid } from '@/lib/manifest/server-words';
import { text as message, type Text } from '@/lib/text';
import { dropDraft, readDraft } from '../draft';
import styles from '../form.module.css';
import { LeaveDialog } from '../leave-dialog';
import { useDraft } from '../use-draft';
import { useSchemaProblems } from '../use-editor-help';
import { useLeaveGuard } from '../use-leave-guard';
import { YamlEditor, type YamlEditorHandle } from '../yaml-editor';
import { isDone, stepKey } from './create-run';
import { CreateSide } from './create-side';
import { ExampleMenu } from './example-menu';
import { EXAMPLES } from './examples';
import { FileDrop } from './file-drop';
import { joinDocuments, readFiles } from './read-files';
import { type CreatePlan, useCreatePlan } from './use-create-plan';
import { type CreateRun, useCreateRun } from './use-create-run';
import { useStepRefusals } from './use-step-refusals';

const FILE_TYPES = '.yaml,.yml,.json,text/yaml,application/yaml,application/json,text/plain';

/** The page "Create from YAML": paste, upload or take an example, see what it would create, check it, create it. */
export function CreateFromYaml({
  cluster,
  namespace,
  example,
}: {
  cluster: string;
  namespace?: string | undefined;
  /** The id of an example to begin with. */
  example?: string | undefined;
}) {
  const t = useText();
  const editor = useRef<YamlEditorHandle>(null);
  const fileInput = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(() => EXAMPLES.find(({ id }) => id === example)?.yaml ?? '');
  const [defaultNamespace, setDefaultNamespace] = useState(namespace ?? 'default');
  const [declined, setDeclined] = useState<ReadonlySet<string>>(new Set());
  const [refusedFiles, setRefusedFiles] = useState<Text[]>([]);
  const [restoredAt, setRestoredAt] = useState<number>();
  const made = useCreatePlan(cluster, text, defaultNamespace);
  const run = useCreateRun(cluster);
  const { reading, plan } = made;
  const explain = useExplain();
  const refusals = useStepRefusals(cluster, plan.steps, run);

  const missing = plan.namespaces.filter((name) => made.namespaces.get(name) === 'missing');
  const newNamespaces = made.mayCreateNamespaces ? missing.filter((name) => !declined.has(name)) : [];
  const isAllDone =
    plan.steps.length > 0 && plan.steps.every((step) => isDone(run.outcomes.get(stepKey(step))));
  // An empty page is a beginning, not a mistake; the button alone says what it waits for.
  const isEmpty = text.trim() === '';
  const known = useMemo(() => (isEmpty ? [] : allProblems(made, run)), [isEmpty, made, run]);
  const problems = useSchemaProblems(cluster, reading.source.text, known);
  const [missingRight] = refusals.values();
  const mayNot = missingRight && t('access.refused.select', { sentence: t(refusalText(missingRight, t)) });
  const reason = whyNot({ made, problems, isAllDone, isUnhoused: newNamespaces.length < missing.length });
  const isBusy = run.doing !== 'nothing';

  const draftKey = `create/${cluster}`;
  useEffect(() => {
    const draft = readDraft(draftKey);
    if (!draft?.text) return;
    setText(draft.text);
    setRestoredAt(draft.at);
  }, [draftKey]);
  const isUnsaved = !isEmpty && !isAllDone && !EXAMPLES.some(({ yaml }) => yaml === text);
  const isKept = useDraft(draftKey, isUnsaved ? { text, base: undefined } : undefined);
  const leaving = useLeaveGuard(isUnsaved, isKept);

  const startOver = () => {
    dropDraft(draftKey);
    setRestoredAt(undefined);
    setRefusedFiles([]);
    run.forget();
    setText('');
  };
  // An example in the editor that nobody has touched is no work to be kept.
  const add = (content: string) => {
    const isUntouched = EXAMPLES.some(({ yaml }) => yaml === text);
    setText(isUntouched || isAllDone ? content : joinDocuments([text, content]));
  };
  const addFiles = async (files: Iterable<File>) => {
    const { content, refused } = await readFiles(files);
    setRefusedFiles(refused);
    if (content) add(content);
  };
  const send = async (what: 'check' | 'create') => {
    if (reason || isBusy) return;
    if (what === 'check') await run.check(plan.steps, missing);
    else await run.create(plan.steps, missing, newNamespaces);
    made.refresh();
  };

  return (
    <PageSection isFilled aria-label={t('yaml.create.title')}>
      <div className={styles.form}>
        <Title headingLevel="h1">{t('yaml.create.title')}</Title>
        <p className={styles.hint}>{t('yaml.create.intro')}</p>
        <div className={styles.tools}>
          <ExampleMenu onChoose={({ yaml }) => add(yaml)} />
          <Button variant="secondary" icon={<UploadIcon />} onClick={() => fileInput.current?.click()}>
            {t('yaml.create.upload')}
          </Button>
          <input
            ref={fileInput}
            type="file"
            hidden
            multiple
            accept={FILE_TYPES}
            aria-label={t('yaml.create.upload')}
            onChange={(event) => {
              // Copied before the input forgets them, which it must for the same file to be chosen twice.
              void addFiles([...(event.target.files ?? [])]);
              event.target.value = '';
            }}
          />
          <Button variant="link" isDisabled={text === '' || isBusy} onClick={startOver}>
            {t('yaml.create.clear')}
          </Button>
        </div>
        <div role="status" className={styles.notices}>
          {restoredAt !== undefined && (
            <Alert
              isInline
              isPlain
              variant="info"
              title={
                <>
                  {t('yaml.draft.restored')} <Age time={new Date(restoredAt).toISOString()} ago />
                </>
              }
              actionLinks={
                <Button variant="link" isInline onClick={startOver}>
                  {t('yaml.draft.startOver')}
                </Button>
              }
            />
          )}
          {refusedFiles.map((each) => (
            <Alert key={t(each)} isInline isPlain variant="warning" title={t(each)} />
          ))}
          {isUnsaved && !isKept && (
            <Alert isInline isPlain variant="warning" title={t('yaml.draft.notKept')} />
          )}
        </div>
        <div className={styles.split}>
          <FileDrop onFiles={(files) => void addFiles([...files])}>
            <YamlEditor
              ref={editor}
              className={styles.tallEditor ?? ''}
              label={t('yaml.create.label')}
              value={text}
              onChange={setText}
              cluster={cluster}
              namespace={defaultNamespace}
              problems={problems}
              isReadOnly={run.doing === 'creating'}
              status={
                text === ''
                  ? t('yaml.create.empty')
                  : t('yaml.create.count', { count: reading.manifests.length })
              }
            />
          </FileDrop>
          <CreateSide
            cluster={cluster}
            made={made}
            run={run}
            problems={problems}
            reason={reason}
            refusals={refusals}
            onExplain={
              reason !== undefined && reason === mayNot
                ? () => explain(cluster, distinct(refusals))
                : undefined
            }
            isAllDone={isAllDone}
            missing={missing}
            declined={declined}
            defaultNamespace={defaultNamespace}
            onDefaultNamespace={setDefaultNamespace}
            onDecline={(name, isDeclined) => setDeclined((before) => toggled(before, name, isDeclined))}
            onReveal={(offset) => editor.current?.reveal(offset)}
            onSend={(what) => void send(what)}
          />
        </div>
      </div>
      <LeaveDialog leaving={leaving} />
    </PageSection>
  );

  function whyNot(now: {
    made: CreatePlan;
    problems: readonly Problem[];
    isAllDone: boolean;
    isUnhoused: boolean;
  }): string | undefined {
    if (isEmpty) return t('yaml.problem.empty');
    if (!now.made.isSettled) return t('yaml.create.reading');
    if (hasErrors([...reading.problems, ...plan.problems])) return t('yaml.object.hasErrors');
    if (now.isAllDone) return t('yaml.create.allDone');
    if (mayNot) return mayNot;
    return now.isUnhoused ? t(message('yaml.create.unhoused')) : undefined;
  }
}

/** The text's own problems, the cluster's knowledge of kinds, and what the server said to each document. */
function allProblems({ reading, plan }: CreatePlan, { outcomes }: CreateRun): Problem[] {
  const said = plan.steps.flatMap((step) => {
    const outcome = outcomes.get(stepKey(step));
    return outcome && 'said' in outcome ? placeSaid(reading, step.manifest, outcome.said) : [];
  });
  return [...reading.problems, ...plan.problems, ...said].sort((a, b) => a.range.from - b.range.from);
}

/** Several documents may lack the same right. */
function distinct(refusals: ReadonlyMap<string, Refusal>): Refusal[] {
  return [...new Map([...refusals.values()].map((refusal) => [checkKey(refusal), refusal])).values()];
}

function toggled(set: ReadonlySet<string>, name: string, isIn: boolean): ReadonlySet<string> {
  const next = new Set(set);
  if (isIn) next.add(name);
  else next.delete(name);
  return next;
}
