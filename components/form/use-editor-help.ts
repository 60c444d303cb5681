'use client';

import { useEffect, useMemo, useSyncExternalStore } from 'react';
import { useText } from '@/components/ui/text';
import type { ApiErrorJson } from '@/lib/k8s/error';
import { fieldPathText } from '@/lib/manifest/field-path';
import type { Problem } from '@/lib/manifest/problem';
import { readManifests } from '@/lib/manifest/read';
import { lintManifests, withSchemaProblems } from '@/lib/manifest/schema/lint';
import { schemaStoreOf } from '@/lib/manifest/schema/schema-store';
import type { Editor } from './codemirror/editor';
import type { HelpOptions } from './codemirror/help';
import { EditorHelp } from './schema/editor-help';
import { fieldWords } from './schema/field-words';

const NONE: readonly Problem[] = [];

/** What completion and documentation need, in the reader's language; undefined without a cluster. */
export function useHelpOptions(
  cluster: string | undefined,
  namespace: string | undefined,
): HelpOptions | undefined {
  const t = useText();
  return useMemo(
    () =>
      cluster === undefined
        ? undefined
        : {
            help: new EditorHelp(cluster, namespace),
            words: (field, path) => fieldWords(t, field, path && fieldPathText(path)),
            unknown: t('editor.field.unknown'),
            about: ({ about }) => (about ? t(about) : ''),
          },
    [cluster, namespace, t],
  );
}

/** Gives an editor what the cluster knows; its code is loaded with the first editor that has a cluster. */
export function useHelpIn(editor: Editor | undefined, options: HelpOptions | undefined): void {
  useEffect(() => {
    if (!editor || !options) return;
    let current = true;
    void import('./codemirror/help').then(({ helpExtensions }) => {
      if (current) editor.setHelp(helpExtensions(options));
    });
    return () => {
      current = false;
    };
  }, [editor, options]);
}

/** Why the cluster's API descriptions can't be read; undefined as long as nothing is wrong. */
export function useSchemaError(cluster: string | undefined): ApiErrorJson | undefined {
  const store = cluster === undefined ? undefined : schemaStoreOf(cluster);
  return useSyncExternalStore(
    store?.subscribe ?? never,
    () => store?.error,
    () => undefined,
  );
}

/**
 * The problems of a text with those that the cluster's schemas find in it. What is known already is not said twice.
 * Fetches the descriptions of the kinds that the text has.
 */
export function useSchemaProblems(
  cluster: string,
  text: string,
  problems: readonly Problem[],
): readonly Problem[] {
  const store = schemaStoreOf(cluster);
  const version = useSyncExternalStore(
    store.subscribe,
    () => store.version,
    () => 0,
  );
  const reading = useMemo(() => readManifests(text), [text]);
  const types = JSON.stringify([...new Set(reading.manifests.map(({ apiVersion }) => apiVersion))]);
  useEffect(() => {
    for (const apiVersion of JSON.parse(types) as string[]) void store.load(apiVersion);
  }, [store, types]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `version` says that more schemas are known
  const found = useMemo(
    () => (reading.manifests.length > 0 ? lintManifests(reading, store.known) : NONE),
    [reading, store, version],
  );
  return useMemo(
    () => (found.length > 0 ? withSchemaProblems(problems, found) : problems),
    [problems, found],
  );
}

function never(): () => void {
  return () => {};
}
