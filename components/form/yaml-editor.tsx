'use client';

import { Skeleton } from '@patternfly/react-core';
import { type ReactNode, type Ref, useEffect, useId, useImperativeHandle, useRef, useState } from 'react';
import { useNonce } from '@/components/ui/nonce';
import { useText } from '@/components/ui/text';
import type { Problem } from '@/lib/manifest/problem';
import type { Editor } from './codemirror/editor';
import styles from './codemirror/editor.module.css';
import { usePhrases } from './codemirror/use-phrases';
import { useTabIndents } from './codemirror/use-tab-indents';
import { EditorMenu } from './editor-menu';
import { useHelpIn, useHelpOptions, useSchemaError } from './use-editor-help';

export interface YamlEditorHandle {
  /** Puts the cursor there, in sight. */
  reveal: (offset: number) => void;
}

export interface YamlEditorProps {
  ref?: Ref<YamlEditorHandle>;
  /** How a screen reader calls it. */
  label: string;
  /** The cluster whose API the text is for: completion and documentation come from it. */
  cluster?: string;
  /** Where objects go that name no namespace, to complete the names of what they use. */
  namespace?: string | undefined;
  value: string;
  /** Called with what a person typed; not for changes of `value`. */
  onChange: (value: string) => void;
  onSave?: () => void;
  /** Marked in the text, with their words on hover. */
  problems?: readonly Problem[];
  isReadOnly?: boolean;
  /** Sets the size; the editor fills what it gets. */
  className?: string;
  /** Beside the hint about the Tab key, at the bottom. */
  status?: ReactNode;
}

const NO_PROBLEMS: readonly Problem[] = [];

/**
 * A text editor for YAML. Tab moves on to the next control unless the reader chose that it indents; then Escape and
 * Tab leave. CodeMirror is loaded when the first editor shows.
 */
export function YamlEditor(props: YamlEditorProps) {
  const { ref, label, cluster, namespace, value, problems = NO_PROBLEMS } = props;
  const { isReadOnly = false, className, status } = props;
  const t = useText();
  const nonce = useNonce();
  const phrases = usePhrases();
  const hintId = useId();
  const host = useRef<HTMLDivElement>(null);
  const [editor, setEditor] = useState<Editor>();
  const [tabIndents, setTabIndents] = useTabIndents();
  const help = useHelpOptions(cluster, namespace);
  useHelpIn(editor, help);
  const schemaError = useSchemaError(cluster);
  // The editor outlives many renders; it calls what the last of them gave.
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });
  // Typed and not yet come back as `value`: an older value must not undo what was typed since.
  const typed = useRef<string[]>([]);

  useEffect(() => {
    let closed = false;
    let opened: Editor | undefined;
    void import('./codemirror/editor').then(({ Editor }) => {
      if (closed || !host.current) return;
      opened = new Editor({
        parent: host.current,
        content: latest.current.value,
        label,
        nonce,
        phrases,
        onType: (content) => {
          typed.current.push(content);
          latest.current.onChange(content);
        },
        onSave: () => latest.current.onSave?.(),
      });
      setEditor(opened);
    });
    return () => {
      closed = true;
      opened?.close();
      setEditor(undefined);
    };
  }, [label, nonce, phrases]);

  useEffect(() => {
    const returned = typed.current.indexOf(value);
    typed.current = returned < 0 ? [] : typed.current.slice(returned + 1);
    if (returned < 0) editor?.setContent(value);
  }, [editor, value]);
  useEffect(() => editor?.setReadOnly(isReadOnly), [editor, isReadOnly]);
  useEffect(() => editor?.setTabIndents(tabIndents), [editor, tabIndents]);
  useEffect(() => {
    editor?.setProblems(
      problems.map(({ severity, message, range }) => ({
        from: range.from,
        to: range.to,
        severity,
        message: t(message),
      })),
    );
  }, [editor, problems, t]);
  useImperativeHandle(ref, () => ({ reveal: (offset) => editor?.reveal(offset) }), [editor]);

  return (
    <div className={`${styles.editor} ${className ?? ''}`}>
      <div ref={host} className={styles.host} hidden={!editor} />
      {!editor && (
        <div className={styles.loading}>
          <Skeleton height="100%" screenreaderText={t('yaml.editor.loading')} />
        </div>
      )}
      {schemaError && (
        <div className={styles.bar} role="status">
          {t('editor.unknownSchema', { words: schemaError.message })}
        </div>
      )}
      <div className={styles.bar}>
        <span>{status}</span>
        {editor && <EditorMenu editor={editor} help={help} isReadOnly={isReadOnly} />}
        {!isReadOnly && (
          <label htmlFor={`${hintId}-tab`} title={t('yaml.editor.tabHint')}>
            <input
              id={`${hintId}-tab`}
              type="checkbox"
              checked={tabIndents}
              onChange={(event) => setTabIndents(event.target.checked)}
            />{' '}
            {t(tabIndents ? 'yaml.editor.tabIndentsOn' : 'yaml.editor.tabIndents')}
          </label>
        )}
      </div>
    </div>
  );
}
